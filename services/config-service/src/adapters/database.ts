import { migrate, openKnex, toFault } from '@backhaul/postgres'
import type { Knex } from 'knex'
import * as migration1 from '../migrations/1-settings.ts'
import * as migration2 from '../migrations/2-kept-for-ever.ts'

const CONNECTIONS = 10
const schema = 'config'
const migrations = { '1-settings': migration1, '2-kept-for-ever': migration2 }

/** This service's schema in Postgres. All throw Fault `POSTGRES_UNAVAILABLE` or `POSTGRES_CONFLICT`, retryable. */
export class Database {
  readonly #db: Knex

  private constructor(db: Knex) {
    this.#db = db
  }

  /** Opens Postgres and brings the schema up to date. */
  static async open(url: string): Promise<Database> {
    await migrate({ url, schema, migrations })
    return new Database(openKnex({ url, schema }, CONNECTIONS))
  }

  close(): Promise<void> {
    return this.#db.destroy()
  }

  /** Runs statements, each for itself. */
  async ask<T>(work: (db: Knex) => PromiseLike<T>): Promise<T> {
    try {
      return await work(this.#db)
    } catch (error) {
      throw toFault(error)
    }
  }

  /** Runs statements, all or nothing. */
  transaction<T>(work: (tx: Knex.Transaction) => Promise<T>): Promise<T> {
    return this.ask((db) => db.transaction(work))
  }
}
