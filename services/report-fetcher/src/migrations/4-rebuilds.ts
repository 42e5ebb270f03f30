import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  // In which order runs ended, whatever the clock did: a rebuild reads their documents so.
  await db.raw('CREATE SEQUENCE run_ends')
  await db.schema.alterTable('report_runs', (t) => {
    t.bigInteger('ended_as')
    t.index(['tenant_id', 'ended_as'])
  })
  await db.raw(
    `UPDATE report_runs r SET ended_as = nextval('run_ends')
     FROM (SELECT id FROM report_runs WHERE ended_at IS NOT NULL ORDER BY ended_at, id) AS ended WHERE ended.id = r.id`,
  )
  await db.schema.createTable('rebuilds', (t) => {
    t.text('id').primary()
    t.text('tenant_id').notNullable()
    t.text('state').notNullable()
    t.text('reason').notNullable()
    t.bigInteger('created_at').notNullable()
    t.bigInteger('ended_at')
    // The run that is being written again, and how many of its pieces were.
    t.bigInteger('ended_as').notNullable().defaultTo(0)
    t.integer('position').notNullable().defaultTo(0)
    t.integer('runs').notNullable().defaultTo(0)
    t.bigInteger('rows').notNullable().defaultTo(0)
    t.text('error')
    t.text('idempotency_key')
    t.unique(['tenant_id', 'idempotency_key'])
  })
  // What a rebuild has written so far, as return_rows holds what was published.
  await db.schema.createTable('rebuild_rows', (t) => {
    t.text('rebuild_id').notNullable()
    t.text('row_id').notNullable()
    t.text('scope').notNullable()
    t.text('order_reference').notNullable()
    t.jsonb('identity').notNullable()
    t.text('digest').notNullable()
    t.bigInteger('observed_at').notNullable()
    t.primary(['rebuild_id', 'row_id'])
    t.index(['rebuild_id', 'scope', 'order_reference'])
  })
  // Columns of documents that we do not know: each is told once to each account.
  await db.schema.createTable('unknown_columns', (t) => {
    t.text('tenant_id').notNullable()
    t.text('seller_id').notNullable()
    t.text('column_name').notNullable()
    t.text('report_run_id').notNullable()
    t.primary(['tenant_id', 'seller_id', 'column_name'])
  })
}
