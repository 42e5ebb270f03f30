import { Fault } from '@backhaul/domain'
import type { Commit, InputRecord, PartitionBatch, TopicPartition } from '@backhaul/kafka'
import type { Waits } from '@backhaul/runtime'
import type pg from 'pg'
import { inTransaction } from './adapters/database.ts'
import type { ErrorCode } from './errors.ts'
import type { Events } from './events.ts'
import { type Owned, storedOffset, takePartition } from './steps/positions.ts'
import { type Change, readReturn } from './steps/read-return.ts'
import { halves, type Slice, slices } from './steps/slices.ts'
import { writeBatch } from './steps/write-batch.ts'

/** Records of one transaction. Measured: more gains little, and holds locks longer. */
const RECORDS_PER_TRANSACTION = 2_000

type Topic = 'return-orders.v1'
type Input = InputRecord<Topic>

export interface Deps {
  readonly pool: pg.Pool
  /** Resolves once the schema is up to date. */
  readonly migrated: Promise<unknown>
  /** Name of the topic on the cluster: positions of two stacks in one database stay apart. */
  readonly physical: (topic: Topic) => string
  /** Sends a record to the dead letters, with the cause. */
  readonly deadLetter: (record: Input, fault: Fault, step: string) => Promise<void>
  readonly events: Events
  readonly waits: Waits
}

/** Takes a partition over, then stores its batches: read each record, write them all with the position, tell Kafka. */
export class ReturnsPipeline {
  readonly #deps: Deps
  readonly #owned = new Map<number, Owned>()

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** The position is the one in Postgres; Kafka's is for lag monitors. */
  open({ topic, partition }: TopicPartition<Topic>, commit: Commit): Promise<bigint | null> {
    return this.#waiting(async () => {
      const { pool, migrated, physical, events } = this.#deps
      await migrated
      const name = physical(topic)
      const stored = await inTransaction(pool, (client) => storedOffset(client, name, partition))
      // Kafka refuses this from a member that lost its seat: such a one must not fence the true owner.
      if (stored !== null) await commit(stored)
      const owned = await inTransaction(pool, (client) => takePartition(client, name, partition))
      this.#owned.set(partition, owned)
      events.opened(topic, partition, owned.epoch, owned.nextOffset)
      return owned.nextOffset
    })
  }

  process(batch: PartitionBatch<Topic>, commit: Commit): Promise<void> {
    return this.#waiting(async () => {
      const { fromOffset, nextOffset, partition } = batch
      const expected = this.#ownedPartition(partition).nextOffset
      if (expected !== null && expected !== fromOffset) {
        const code: ErrorCode = 'OFFSETS_NOT_CONTIGUOUS'
        throw new Fault(
          code,
          `${batch.topic}/${partition}: read from ${fromOffset}, stored up to ${expected}`,
        )
      }
      const records = new Map(batch.records.map((record) => [record.offset, record]))
      const changes: Change[] = []
      for (const record of batch.records) {
        const change = await this.#read(record)
        if (change) changes.push(change)
      }
      // 1. dead letters   fails → nothing stored; the batch is read again
      // 2. rows, offset   fails → the same, and the dead letters are sent again with the same origin
      // 3. Kafka's offset fails → the partition is opened again from the offset in Postgres; nothing doubles
      for (const slice of slices({ fromOffset, nextOffset, changes }, RECORDS_PER_TRANSACTION)) {
        await this.#store(partition, slice, records)
      }
      await commit(nextOffset)
    })
  }

  async #read(record: Input): Promise<Change | null> {
    try {
      return readReturn(record)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      await this.#reject(record, error, 'read-return')
      return null
    }
  }

  /** Stores a slice; where a value is refused, halves it down to the one bad record. */
  async #store(partition: number, slice: Slice, records: ReadonlyMap<bigint, Input>): Promise<void> {
    const began = performance.now()
    const owned = this.#ownedPartition(partition)
    const { changes, nextOffset } = slice
    try {
      const written = await writeBatch(this.#deps.pool, { owned, changes, nextOffset })
      this.#owned.set(partition, { ...owned, nextOffset })
      this.#deps.events.written(written, (performance.now() - began) / 1000)
    } catch (error) {
      const [first, second] = changes
      if (!isBadData(error) || !first) throw error
      if (second) {
        for (const half of halves(slice)) await this.#store(partition, half, records)
        return
      }
      await this.#reject(records.get(first.offset) as Input, error, 'write-batch')
      await this.#store(partition, { ...slice, changes: [] }, records)
    }
  }

  async #reject(record: Input, fault: Fault, step: string): Promise<void> {
    await this.#deps.deadLetter(record, fault, step)
    this.#deps.events.rejected(record, fault)
  }

  #ownedPartition(partition: number): Owned {
    const owned = this.#owned.get(partition)
    if (!owned) throw new Error(`partition ${partition} was not opened`)
    return owned
  }

  /** Says on `/ready` that Postgres keeps us waiting, until it no longer does. */
  async #waiting<T>(work: () => Promise<T>): Promise<T> {
    const { waits } = this.#deps
    try {
      const result = await work()
      waits.ok('postgres')
      return result
    } catch (error) {
      if (error instanceof Fault && error.code === 'POSTGRES_UNAVAILABLE')
        waits.wait('postgres', error.message)
      throw error
    }
  }
}

const isBadData = (error: unknown): error is Fault =>
  error instanceof Fault && error.code === ('RETURN_ORDER_UNSTORABLE' satisfies ErrorCode)
