import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('report_runs', (t) => {
    t.text('id').primary()
    t.text('tenant_id').notNullable()
    t.text('integration_id').notNullable()
    t.text('seller_id').notNullable()
    t.text('marketplace_id').notNullable()
    t.text('state').notNullable()
    t.integer('revision').notNullable()
    t.boolean('publishing').notNullable()
    t.bigInteger('window_from')
    t.bigInteger('started_at').notNullable()
    t.bigInteger('not_before').notNullable()
    t.jsonb('run').notNullable()
    t.index(['integration_id', 'marketplace_id', 'state'])
    t.index(['tenant_id', 'started_at'])
  })
  // When each marketplace of an integration was planned last, and up to where it was read without a gap.
  await db.schema.createTable('cycles', (t) => {
    t.text('integration_id').notNullable()
    t.text('marketplace_id').notNullable()
    t.bigInteger('planned_at')
    t.bigInteger('read_up_to')
    t.primary(['integration_id', 'marketplace_id'])
  })
  await db.schema.createTable('return_rows', (t) => {
    t.text('row_id').primary()
    t.text('return_id').notNullable()
    t.text('tenant_id').notNullable()
    t.text('seller_id').notNullable()
    t.text('marketplace_id').notNullable()
    t.text('order_reference').notNullable()
    t.jsonb('identity').notNullable()
    t.text('digest').notNullable()
    t.bigInteger('observed_at').notNullable()
    t.text('report_run_id').notNullable()
    t.index(['tenant_id', 'seller_id', 'marketplace_id', 'order_reference'])
  })
}
