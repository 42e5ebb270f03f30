import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  // Which rows a document holds, changed or not. In arrays, one entry for each piece: 14 bytes a row.
  await db.schema.createTable('row_sightings', (t) => {
    t.text('report_run_id').notNullable()
    t.integer('piece').notNullable()
    // The first 64 bits of row ids, the number of each row in the document, and what became of it.
    t.specificType('row_hashes', 'bigint[]').notNullable()
    t.specificType('row_numbers', 'integer[]').notNullable()
    t.specificType('outcomes', 'smallint[]').notNullable()
    t.primary(['report_run_id', 'piece'])
  })
  await db.raw('CREATE INDEX row_sightings_row_hashes ON row_sightings USING gin (row_hashes)')
  // Of documents before, only rows that were published are known.
  await db.raw(
    `INSERT INTO row_sightings (report_run_id, piece, row_hashes, row_numbers, outcomes)
     SELECT report_run_id, 0, array_agg(('x' || left(row_id, 16))::bit(64)::bigint), array_agg(row_number),
       array_agg(CASE outcome WHEN 'new' THEN 0 ELSE 1 END)
     FROM row_versions GROUP BY report_run_id`,
  )
  await db.raw(`UPDATE report_runs SET run = '{"plannedWindow": null}'::jsonb || run`)
  // Counts of the document that is being written again, as far as it was.
  await db.schema.alterTable('rebuilds', (t) => t.jsonb('counts'))
  // Keys that ever sealed a document of the archive.
  await db.schema.createTable('archive_keys', (t) => {
    t.text('id').primary()
    t.text('fingerprint').notNullable()
  })
}
