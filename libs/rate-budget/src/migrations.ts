import type { Knex } from 'knex'

const limits = {
  async up(db: Knex): Promise<void> {
    // A row with an empty seller is the whole application's; one with an empty type is for all types.
    await db.schema.createTable('limits', (t) => {
      for (const key of ['application', 'operation', 'seller_id', 'report_type']) t.text(key).notNullable()
      t.double('rate')
      t.integer('burst').notNullable()
      t.double('planned_rate')
      t.integer('planned_burst').notNullable()
      t.text('planned_from').notNullable()
      t.double('tokens').notNullable()
      t.timestamp('filled_at').notNullable()
      t.timestamp('blocked_until')
      t.timestamp('cut_at')
      t.integer('accepted_in_row').notNullable()
      t.timestamp('granted_at')
      t.timestamp('accepted_at')
      t.timestamp('throttled_at')
      t.primary(['application', 'operation', 'seller_id', 'report_type'])
    })
    await db.schema.createTable('waiting_calls', (t) => {
      for (const key of ['application', 'operation', 'ticket', 'seller_id', 'report_type'])
        t.text(key).notNullable()
      t.smallint('priority').notNullable()
      t.timestamp('waiting_since').notNullable()
      // When it was told that its turn comes: until then it is in nobody's way.
      t.timestamp('ready_at').notNullable()
      // One that has not asked again by then is gone.
      t.timestamp('expires_at').notNullable()
      t.primary(['application', 'operation', 'seller_id', 'ticket'])
    })
  },
}

export const migrations = { '1-limits': limits }
