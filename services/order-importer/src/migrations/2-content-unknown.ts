import type { Knex } from 'knex'

/** A version is noted before it is published: until then its content is unknown. */
export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('published', (t) => {
    t.setNullable('digest')
  })
}
