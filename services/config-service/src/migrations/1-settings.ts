import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('api_keys', (t) => {
    t.text('hash').primary()
    t.text('key_id').notNullable().unique()
    t.text('tenant_id').notNullable()
    t.specificType('scopes', 'text[]').notNullable()
    t.timestamp('created_at').notNullable().defaultTo(db.fn.now())
  })
  await db.schema.createTable('channels', (t) => {
    t.text('id').primary()
    t.text('tenant_id').notNullable()
    t.text('name').notNullable()
    t.timestamp('created_at').notNullable().defaultTo(db.fn.now())
    t.unique(['tenant_id', 'name'])
  })
  await db.schema.createTable('return_reasons', (t) => {
    t.text('id').primary()
    t.text('tenant_id').notNullable()
    t.text('code').notNullable()
    t.text('name').notNullable()
    t.unique(['tenant_id', 'code'])
  })
  await db.schema.createTable('integrations', (t) => {
    t.text('id').primary()
    t.text('tenant_id').notNullable().index()
    t.integer('version').notNullable()
    t.text('state').notNullable()
    t.text('seller_id')
    t.binary('refresh_token')
    t.timestamp('authorised_at')
    t.timestamp('created_at').notNullable().defaultTo(db.fn.now())
  })
  // Rows are only ever added.
  await db.schema.createTable('integration_versions', (t) => {
    t.text('integration_id').notNullable().references('id').inTable('integrations')
    t.integer('version').notNullable()
    t.jsonb('settings').notNullable()
    t.timestamp('created_at').notNullable().defaultTo(db.fn.now())
    t.text('created_by').notNullable()
    t.primary(['integration_id', 'version'])
  })
}
