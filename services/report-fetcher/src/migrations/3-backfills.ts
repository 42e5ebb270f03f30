import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('backfills', (t) => {
    t.text('id').primary()
    t.text('tenant_id').notNullable()
    t.text('integration_id').notNullable()
    t.text('state').notNullable()
    t.jsonb('marketplaces').notNullable()
    t.bigInteger('window_from').notNullable()
    t.bigInteger('window_to').notNullable()
    t.bigInteger('created_at').notNullable()
    t.bigInteger('ended_at')
    t.text('idempotency_key')
    t.unique(['tenant_id', 'idempotency_key'])
    t.index(['tenant_id', 'created_at'])
  })
  await db.schema.createTable('backfill_slices', (t) => {
    t.text('backfill_id').notNullable()
    t.text('marketplace_id').notNullable()
    t.bigInteger('window_from').notNullable()
    t.bigInteger('window_to').notNullable()
    t.text('state').notNullable()
    t.text('report_run_id')
    t.integer('tries').notNullable().defaultTo(0)
    t.bigInteger('not_before').notNullable().defaultTo(0)
    t.primary(['backfill_id', 'marketplace_id', 'window_from'])
  })
}
