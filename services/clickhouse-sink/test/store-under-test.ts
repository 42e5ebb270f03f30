import { freshClickHouse } from '@backhaul/testing'
import { type ClickHouseClient, createClient } from '@clickhouse/client'
import { afterAll, beforeAll } from 'vitest'
import { ClickHouse } from '../src/adapters/clickhouse.ts'
import { reportRuns, returnDeletions, returnItems } from '../src/tables.ts'

/** A database of one's own as the sink writes it. */
export interface StoreUnderTest {
  readonly url: string
  readonly clickhouse: ClickHouse
  readonly client: ClickHouseClient
}

/**
 * Makes a migrated database for the tests of a file. Merges stand still: one would hide what was inserted twice, and views
 * must be right without it (B1).
 */
export function storeUnderTest(): StoreUnderTest {
  let database: Awaited<ReturnType<typeof freshClickHouse>>
  let clickhouse: ClickHouse
  let client: ClickHouseClient
  beforeAll(async () => {
    database = await freshClickHouse()
    clickhouse = new ClickHouse(database.url)
    client = createClient({ url: database.url })
    const other = new ClickHouse(database.url)
    // Two instances that start at the same moment.
    await Promise.all([clickhouse.migrate(), other.migrate()])
    await other.close()
    for (const { name } of [returnItems, returnDeletions, reportRuns]) {
      await client.command({ query: `SYSTEM STOP MERGES ${name}` })
    }
  })
  afterAll(async () => {
    await Promise.all([clickhouse.close(), client.close()])
    await database.drop()
  })
  return {
    get url() {
      return database.url
    },
    get clickhouse() {
      return clickhouse
    },
    get client() {
      return client
    },
  }
}
