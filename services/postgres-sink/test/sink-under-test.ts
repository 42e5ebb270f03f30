import type { ReturnOrder } from '@backhaul/domain'
import { type StartedService, startService } from '@backhaul/runtime'
import { actAs, eventually, freshDatabase, freshTopics } from '@backhaul/testing'
import pg from 'pg'
import { expect } from 'vitest'
import { service } from '../src/service.ts'

export const TOPIC = 'return-orders.v1'
const DEAD_LETTERS = 'dead-letters.postgres-sink.v1'

/** What a test writes goes to one partition, so that it arrives in order. */
export const PARTITION = 2

/** When the events came to be; the records carry the time of writing. */
const HAPPENED_AT = Date.UTC(2026, 7, 4)

/** What a test does with a sink of its own: its topics, its database, as many processes as it starts. */
export interface SinkUnderTest {
  readonly databaseUrl: string
  start(environment?: Readonly<Record<string, string>>): Promise<StartedService>
  startWith(options: Partial<Parameters<typeof startService>[1]>): Promise<StartedService>
  /** Writes events, or tombstones by id, in one transaction. */
  write(events: readonly (ReturnOrder | string)[]): Promise<void>
  /** Writes an event under a key that is not its own. */
  writeAs(key: string, event: ReturnOrder): Promise<void>
  writeBytes(key: string | null, value: Buffer): Promise<void>
  /** Lets Kafka forget what the stopped sink has read. */
  rewindKafka(): Promise<void>
  /** Waits until everything written so far is stored. */
  caughtUp(): Promise<void>
  query(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>
  /** All stored returns and their parts, to be compared. */
  tables(): Promise<Record<string, Record<string, unknown>[]>>
  deadLetters(): Promise<{ headers: Record<string, string>; key: string | null; value: Buffer | null }[]>
  close(): Promise<void>
}

/** Keys by which rows of a table are sorted when tables are compared. */
const TABLES = {
  return_orders: 'return_order_id',
  return_order_items: 'return_item_id',
  return_order_parcels: 'parcel_id',
  return_order_versions: 'return_order_id, generation, version',
}

export async function sinkUnderTest(): Promise<SinkUnderTest> {
  const [{ prefix, environment }, database] = await Promise.all([freshTopics(), freshDatabase()])
  const reconciler = await actAs('reconciler', prefix)
  // Days as text: the driver would make instants of them.
  pg.types.setTypeParser(pg.types.builtins.DATE, (day) => day)
  const pool = new pg.Pool({ connectionString: database.url, max: 2 })
  pool.on('error', () => {})
  const running = new Set<StartedService>()
  const query = async (sql: string, values: unknown[] = []) => (await pool.query(sql, values)).rows

  const startWith: SinkUnderTest['startWith'] = async (options) => {
    const started = await startService(service, {
      environment: { ...environment, DATABASE_URL: database.url, LOG_LEVEL: 'fatal' },
      onFailure: (error) => expect.unreachable(String(error)),
      ...options,
    })
    running.add(started)
    return {
      url: started.url,
      stop() {
        running.delete(started)
        return started.stop()
      },
    }
  }
  const writer = await reconciler.transactionalWriter('test')
  // Counted, not asked for: right after a commit the broker may not tell the end yet.
  let end = 0n
  const writeAll = async (records: readonly (readonly [string, ReturnOrder | null])[]) => {
    await writer.transaction((outbox) => {
      for (const [key, value] of records) {
        outbox.write(TOPIC, { key, value, eventId: key, timestamp: HAPPENED_AT, partition: PARTITION })
      }
    })
    end += BigInt(records.length) + 1n // and the commit marker
  }
  return {
    databaseUrl: database.url,
    startWith,
    start: (given = {}) =>
      startWith({
        environment: { ...environment, DATABASE_URL: database.url, LOG_LEVEL: 'fatal', ...given },
      }),
    write: (events) =>
      writeAll(events.map((e) => (typeof e === 'string' ? [e, null] : [e.returnOrderId, e]))),
    writeAs: (key, event) => writeAll([[key, event]]),
    async writeBytes(key, value) {
      const producer = reconciler.client.producer()
      await producer.connect()
      await producer.send({
        topic: reconciler.physical(TOPIC),
        messages: [{ key, value, partition: PARTITION }],
      })
      await producer.disconnect()
      end += 1n
    },
    async rewindKafka() {
      const sink = await actAs('postgres-sink', prefix)
      const admin = sink.client.admin()
      await admin.connect()
      await admin.deleteGroups([sink.group])
      await admin.disconnect()
    },
    async caughtUp() {
      await eventually(async () => {
        const [row] = await query(
          `SELECT next_offset FROM returns.sink_offsets WHERE topic = $1 AND partition = $2`,
          [reconciler.physical(TOPIC), PARTITION],
        )
        expect(BigInt(String(row?.next_offset))).toBe(end)
      })
    },
    query,
    async tables() {
      const entries = Object.entries(TABLES).map(async ([name, key]) => [
        name,
        await query(`SELECT * FROM returns.${name} ORDER BY ${key}`),
      ])
      return Object.fromEntries(await Promise.all(entries))
    },
    async deadLetters() {
      const reader = reconciler.partitionReader()
      const topic = reconciler.physical(DEAD_LETTERS)
      const end = await reader.latest(topic, 0)
      await reader.seek(topic, 0, 0n)
      const letters = []
      for (let next = 0n; next < end; ) {
        for (const batch of await reader.fetch(50)) {
          letters.push(...batch.records)
          next = batch.nextOffset
        }
      }
      await reader.close()
      return letters.map(({ headers, key, value }) => ({
        headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, String(text)])),
        key: key && String(key),
        value,
      }))
    },
    async close() {
      await writer.close()
      await Promise.all([...running].map((started) => started.stop()))
      await pool.end()
      await database.drop()
    },
  }
}
