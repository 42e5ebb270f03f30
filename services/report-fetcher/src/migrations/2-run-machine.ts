import type { Knex } from 'knex'

/** What runs of before lack. */
const DEFAULTS = {
  backfillId: null,
  reportFrom: null,
  adoptSince: null,
  triedAt: null,
  askedAt: null,
  adopted: false,
  stuckAt: null,
  cancelTried: false,
  archivedAt: null,
  chunks: null,
  position: 0,
  rowsByDay: {},
  refused: false,
  provenTo: null,
  ending: null,
}

export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('report_runs', (t) => {
    t.text('backfill_id')
    t.bigInteger('window_to')
    t.bigInteger('proven_to')
    t.bigInteger('ended_at')
    t.index(['tenant_id', 'seller_id', 'marketplace_id'])
  })
  await db.raw(
    `UPDATE report_runs SET run = ?::jsonb || run
       || CASE WHEN run -> 'requestTried' = 'true' THEN jsonb_build_object('triedAt', run -> 'startedAt') ELSE '{}' END
       || CASE WHEN state IN ('PUBLISHED', 'EMPTY') OR run ->> 'cancelledClass' = 'no_returns'
          THEN jsonb_build_object('provenTo', run -> 'windowTo') ELSE '{}' END`,
    [JSON.stringify(DEFAULTS)],
  )
  await db.raw(
    `UPDATE report_runs SET window_to = (run ->> 'windowTo')::bigint, proven_to = (run ->> 'provenTo')::bigint,
       ended_at = (run ->> 'endedAt')::bigint`,
  )
  await db.schema.alterTable('cycles', (t) => {
    // Reports that failed one after the other, and the settings with which Amazon refused the request.
    t.integer('fatals').notNullable().defaultTo(0)
    t.integer('refused_version')
  })
  // Which line of which document each published version of a row came from.
  await db.schema.createTable('row_versions', (t) => {
    t.text('report_run_id').notNullable()
    t.integer('row_number').notNullable()
    t.text('tenant_id').notNullable()
    t.text('order_reference').notNullable()
    t.text('amazon_rma_id')
    t.text('row_id').notNullable()
    t.text('outcome').notNullable()
    t.bigInteger('observed_at').notNullable()
    t.primary(['report_run_id', 'row_number'])
    t.index(['tenant_id', 'order_reference'])
    t.index(['tenant_id', 'amazon_rma_id'])
  })
}
