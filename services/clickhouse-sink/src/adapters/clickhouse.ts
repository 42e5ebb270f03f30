import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { statements as migration1 } from '../migrations/1-analytics.ts'
import { statements as migration2 } from '../migrations/2-begun-partitions.ts'
import { statements as migration3 } from '../migrations/3-days-read.ts'
import type { Block } from '../table.ts'
import { toFault } from './faults.ts'

const REQUEST_TIMEOUT_MS = 60_000
const CONNECTIONS = 10

/** In the order of their making; a released one never changes. Every statement may be run again. */
const migrations: Readonly<Record<string, readonly string[]>> = {
  '1-analytics': migration1,
  '2-begun-partitions': migration2,
  '3-days-read': migration3,
}

/** One partition of one filling of the tables. */
export interface Begun {
  /** On the cluster. */
  readonly topic: string
  readonly partition: number
  readonly generation: number
}

/** Writes to ClickHouse over HTTP. */
export class ClickHouse {
  readonly #client: ClickHouseClient

  /** @param url With the database as path; user and password in it are used. Connects when it is first used. */
  constructor(url: string) {
    this.#client = createClient({
      url,
      application: 'clickhouse-sink',
      request_timeout: REQUEST_TIMEOUT_MS,
      max_open_connections: CONNECTIONS,
      // Its lines repeat what a query holds; faults are told by our own.
      log: { level: ClickHouseLogLevel.OFF },
    })
  }

  /**
   * Brings tables and views up to date. Instances that start together do the same work twice, harmlessly.
   *
   * @throws Fault `CLICKHOUSE_UNAVAILABLE`, retryable.
   */
  async migrate(): Promise<void> {
    try {
      await this.#command(
        'CREATE TABLE IF NOT EXISTS schema_migrations (name String) ENGINE = ReplacingMergeTree ORDER BY name',
      )
      const answer = await this.#client.query({
        query: 'SELECT name FROM schema_migrations',
        format: 'JSONEachRow',
      })
      const done = new Set((await answer.json<{ name: string }>()).map((row) => row.name))
      for (const [name, statements] of Object.entries(migrations)) {
        if (done.has(name)) continue
        for (const statement of statements) await this.#command(statement)
        await this.#command(`INSERT INTO schema_migrations VALUES ('${name}')`)
      }
    } catch (error) {
      throw toFault(error)
    }
  }

  /**
   * Inserts a block, unless one was inserted under this token before.
   *
   * @throws Fault `CLICKHOUSE_UNAVAILABLE`, retryable: it may or may not have happened, insert again under the same
   *   token. `ROWS_UNSTORABLE`: one of the rows is bad; nothing was inserted.
   */
  async insert({ table, columns, rowCount, bytes }: Block, token: string): Promise<void> {
    if (rowCount === 0) return
    try {
      const { stream } = await this.#client.exec({
        query: `INSERT INTO ${table} (${columns.join(', ')}) FORMAT RowBinary`,
        values: Readable.from([bytes], { objectMode: false }),
        clickhouse_settings: {
          async_insert: 0,
          // 26.7 asks its own `deduplicate_insert` instead, which older servers refuse to know; its default is on.
          insert_deduplicate: 1,
          insert_deduplication_token: token,
          // Views of others that are fed by our inserts: what is recognised does not reach them again.
          deduplicate_blocks_in_dependent_materialized_views: 1,
          // One block an insert: the token then stands for all of it.
          max_insert_block_size: String(rowCount),
          min_insert_block_size_rows: String(rowCount),
          wait_end_of_query: 1,
        },
      })
      await finished(stream.resume())
    } catch (error) {
      throw toFault(error)
    }
  }

  /**
   * True when rows of a partition may have been stored already.
   *
   * @throws Fault `CLICKHOUSE_UNAVAILABLE`, retryable.
   */
  async hasBegun(begun: Begun): Promise<boolean> {
    try {
      const answer = await this.#client.query({
        query: `SELECT 1 FROM begun_partitions
                WHERE topic = {topic: String} AND partition = {partition: UInt32} AND generation = {generation: UInt32} LIMIT 1`,
        query_params: { ...begun },
        format: 'JSONEachRow',
      })
      return (await answer.json()).length > 0
    } catch (error) {
      throw toFault(error)
    }
  }

  /**
   * Notes that rows of a partition may be stored from now on.
   *
   * @throws Fault `CLICKHOUSE_UNAVAILABLE`, retryable.
   */
  async noteBegun(begun: Begun): Promise<void> {
    try {
      await this.#client.insert({ table: 'begun_partitions', values: [begun], format: 'JSONEachRow' })
    } catch (error) {
      throw toFault(error)
    }
  }

  close(): Promise<void> {
    return this.#client.close()
  }

  #command(query: string): Promise<unknown> {
    return this.#client.command({ query })
  }
}
