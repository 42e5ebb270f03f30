/** Completeness: which days of which marketplace were read, and how many rows they have (B2). */
export const statements: readonly string[] = [
  `ALTER TABLE report_runs
    ADD COLUMN IF NOT EXISTS proven_to Nullable(DateTime64(3, 'UTC'))
      COMMENT 'up to where the window was read or is known to hold no returns; without it the window is a hole',
    ADD COLUMN IF NOT EXISTS rows_by_day Map(LowCardinality(String), UInt64)
      COMMENT 'rows of the document by the day of their request, as Amazon wrote it'`,

  `CREATE OR REPLACE VIEW current_report_runs AS SELECT * FROM report_runs FINAL`,

  // A day that is not in it was never read to its end: a hole, or today.
  `CREATE OR REPLACE VIEW days_read AS
  SELECT tenant_id, integration_id, marketplace_id, day,
    argMax(rows, read_at) AS rows_in_document,
    argMax(report_run_id, read_at) AS report_run_id,
    max(read_at) AS last_read_at
  FROM (
    SELECT tenant_id, integration_id, marketplace_id, report_run_id, assumeNotNull(ended_at) AS read_at,
      arrayJoin(range(
        toUInt32(intDiv(toUnixTimestamp64Milli(assumeNotNull(window_from)) + 86399999, 86400000)),
        toUInt32(intDiv(toUnixTimestamp64Milli(assumeNotNull(proven_to)), 86400000))
      )) AS day_number,
      toDate(day_number) AS day,
      rows_by_day[toString(day)] AS rows
    FROM report_runs FINAL
    WHERE isNotNull(proven_to) AND isNotNull(window_from) AND isNotNull(ended_at)
  )
  GROUP BY tenant_id, integration_id, marketplace_id, day`,
]
