import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  // The version and content that were last published of each order: no order is kept here.
  await db.schema.createTable('published', (t) => {
    t.text('key').primary()
    t.text('tenant_id').notNullable()
    t.bigInteger('source_version').notNullable()
    t.text('digest').notNullable()
  })
}
