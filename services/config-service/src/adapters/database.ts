import { migrate, openKnex } from '@backhaul/postgres'
import type { Knex } from 'knex'
import * as migration1 from '../migrations/1-settings.ts'

const CONNECTIONS = 10
const schema = 'config'
const migrations = { '1-settings': migration1 }

/**
 * Opens Postgres and brings this service's schema up to date.
 *
 * @throws Fault `POSTGRES_UNAVAILABLE`, retryable.
 */
export async function openDatabase(url: string): Promise<Knex> {
  await migrate({ url, schema, migrations })
  return openKnex({ url, schema }, CONNECTIONS)
}
