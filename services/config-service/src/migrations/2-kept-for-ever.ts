import type { Knex } from 'knex'

/** Versions hold the channels of their time; what was deleted stays known by id; creations are known by their key. */
export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('channels', (t) => {
    t.timestamp('deleted_at')
    t.dropUnique(['tenant_id', 'name'])
  })
  await db.schema.alterTable('return_reasons', (t) => {
    t.timestamp('created_at').notNullable().defaultTo(db.fn.now())
    t.timestamp('deleted_at')
    t.dropUnique(['tenant_id', 'code'])
  })
  await db.raw('CREATE UNIQUE INDEX channels_in_use ON channels (tenant_id, name) WHERE deleted_at IS NULL')
  await db.raw(
    'CREATE UNIQUE INDEX return_reasons_in_use ON return_reasons (tenant_id, code) WHERE deleted_at IS NULL',
  )
  await db.raw(`
    UPDATE integration_versions v SET settings = v.settings || jsonb_build_object('channels', COALESCE(
      (SELECT jsonb_agg(jsonb_build_object('id', c.id, 'name', c.name) ORDER BY c.name)
       FROM channels c JOIN integrations i ON i.tenant_id = c.tenant_id WHERE i.id = v.integration_id), '[]'))`)
  await db.schema.createTable('creations', (t) => {
    t.text('tenant_id').notNullable()
    t.text('idempotency_key').notNullable()
    t.text('request_sha256').notNullable()
    t.jsonb('answer')
    t.timestamp('created_at').notNullable().defaultTo(db.fn.now())
    t.primary(['tenant_id', 'idempotency_key'])
  })
}
