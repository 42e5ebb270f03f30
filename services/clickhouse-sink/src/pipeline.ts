import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '@backhaul/domain'
import {
  type Commit,
  type InputRecord,
  offsetsLost,
  type PartitionBatch,
  type ReadRange,
  type TopicPartition,
} from '@backhaul/kafka'
import type { Waits } from '@backhaul/runtime'
import type { Begun } from './adapters/clickhouse.ts'
import type { ErrorCode } from './errors.ts'
import type { Events } from './events.ts'
import { fromNote, type Range, tokenOf, toNote } from './steps/range.ts'
import { type Rows, readRecord, type Topic } from './steps/read-records.ts'
import { type Block, toBlock } from './table.ts'
import { reportRuns, returnDeletions, returnItems } from './tables.ts'

type Input = InputRecord<Topic>

/** What a record asks to insert. */
interface Change {
  readonly record: Input
  readonly rows: Rows
}

export interface Deps {
  /** Inserts a block once under its token. */
  readonly insert: (block: Block, token: string) => Promise<void>
  /** Whether rows of a partition may have been stored, and the note that they may be from now on. */
  readonly hasBegun: (begun: Begun) => Promise<boolean>
  readonly noteBegun: (begun: Begun) => Promise<void>
  /** Resolves once tables and views are up to date. */
  readonly migrated: Promise<unknown>
  /** Where a partition stands in Kafka, with the note left there. */
  readonly committed: (at: TopicPartition<Topic>) => Promise<{ offset: bigint | null; note: string | null }>
  /** Sends a record to the dead letters, with the cause. */
  readonly deadLetter: (record: Input, fault: Fault, step: string) => Promise<void>
  /** Name of the topic on the cluster: tokens of two stacks in one database stay apart. */
  readonly physical: (topic: Topic) => string
  /** Name of the consumer group. */
  readonly group: string
  readonly generation: number
  readonly insertIntervalMs: number
  readonly events: Events
  readonly waits: Waits
}

/**
 * Stores each range of a partition once:
 *
 * 1. note the range with the position, in Kafka  fails → nothing stored; the records are read again, in any ranges
 * 2. insert its rows under the range's token     fails → the noted range is read again and inserted again; what
 *                                                        was stored is recognised by the token
 * 3. move the position behind the range          fails → the same
 *
 * A late owner can only insert a range that it noted; the next owner inserts the same one under the same token.
 */
export class AnalyticsPipeline {
  readonly #deps: Deps
  readonly #lastInsertAt = new Map<string, number>()
  /** Partitions that ClickHouse knows to be begun. */
  readonly #begun = new Set<string>()

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /**
   * Finishes a range that was begun, then tells where to read on.
   *
   * @throws Fault `OFFSETS_LOST`: Kafka has no position, though ClickHouse has been written to (C20).
   */
  open(at: TopicPartition<Topic>, commit: Commit, read: ReadRange<Topic>): Promise<bigint | null> {
    return this.#waiting(async () => {
      const { migrated, committed, events, group } = this.#deps
      await migrated
      const hasBegun = await this.#hasBegun(at)
      const { offset, note } = await committed(at)
      if (offset === null && hasBegun) throw offsetsLost(group, [at.topic], at.partition)
      const end = fromNote(note)
      if (offset !== null && end !== null) {
        const range: Range = { ...at, from: offset, to: end }
        events.resumed(range)
        await this.#store(range, await read(offset, end))
        await commit(end)
      }
      const position = end ?? offset
      events.opened(at.topic, at.partition, position)
      return position
    })
  }

  process(batch: PartitionBatch<Topic>, commit: Commit): Promise<void> {
    return this.#waiting(async () => {
      const { topic, partition, fromOffset, nextOffset } = batch
      if (batch.records.length > 0) {
        await this.#noteBegun(batch)
        await this.#pace(batch)
        const range: Range = { topic, partition, from: fromOffset, to: nextOffset }
        await commit(fromOffset, toNote(range))
        await this.#store(range, batch)
      }
      await commit(nextOffset)
    })
  }

  async #hasBegun(at: TopicPartition<Topic>): Promise<boolean> {
    const hasBegun = await this.#deps.hasBegun(this.#begunOf(at))
    if (hasBegun) this.#begun.add(keyOf(at))
    return hasBegun
  }

  /** Before the first rows: by then the position is committed, so that none means from now on that it was lost. */
  async #noteBegun(at: TopicPartition<Topic>): Promise<void> {
    if (this.#begun.has(keyOf(at))) return
    await this.#deps.noteBegun(this.#begunOf(at))
    this.#begun.add(keyOf(at))
  }

  #begunOf({ topic, partition }: TopicPartition<Topic>): Begun {
    const { physical, generation } = this.#deps
    return { topic: physical(topic), partition, generation }
  }

  async #store(range: Range, { records }: PartitionBatch<Topic>): Promise<void> {
    const changes: Change[] = []
    for (const record of records) {
      try {
        changes.push({ record, rows: readRecord(record) })
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        await this.#reject(record, error, 'read-record')
      }
    }
    await this.#insert(range, changes)
  }

  /** Inserts the rows of a range; where a value is refused, halves it down to the one bad record. */
  async #insert(range: Range, changes: readonly Change[]): Promise<void> {
    const { insert, physical, generation, events } = this.#deps
    const began = performance.now()
    const token = tokenOf({ ...range, topic: physical(range.topic as Topic) }, generation)
    try {
      const of = <K extends keyof Rows>(kind: K) => changes.flatMap((c) => c.rows[kind] as Rows[K][number][])
      // Deletions last: nothing in them can be refused, so a range is halved before any of it is stored.
      const blocks = [
        toBlock(returnItems, of('items')),
        toBlock(reportRuns, of('runs')),
        toBlock(returnDeletions, of('deletions')),
      ]
      for (const block of blocks) await insert(block, token)
      const counts = Object.fromEntries(blocks.map((b) => [b.table, b.rowCount]))
      events.written(range, counts, (performance.now() - began) / 1000)
    } catch (error) {
      const [first] = changes
      if (!isBadData(error) || !first) throw error
      if (changes.length === 1) return this.#reject(first.record, error, 'insert')
      // Halves by offset, not by count: they and their tokens are the same at each try, also after compaction.
      const middle = (range.from + range.to) / 2n
      const isBefore = ({ record }: Change) => record.offset < middle
      await this.#insert({ ...range, to: middle }, changes.filter(isBefore))
      await this.#insert(
        { ...range, from: middle },
        changes.filter((change) => !isBefore(change)),
      )
    }
  }

  async #reject(record: Input, fault: Fault, step: string): Promise<void> {
    await this.#deps.deadLetter(record, fault, step)
    this.#deps.events.rejected(record, fault)
  }

  /** Holds inserts of a partition apart; what arrives meanwhile waits in Kafka and goes into the next one. */
  async #pace(batch: PartitionBatch<Topic>): Promise<void> {
    const { signal } = batch
    const key = keyOf(batch)
    const waitMs = (this.#lastInsertAt.get(key) ?? 0) + this.#deps.insertIntervalMs - Date.now()
    if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => {})
    this.#lastInsertAt.set(key, Date.now())
  }

  /** Says on `/ready` that ClickHouse keeps us waiting, until it no longer does. */
  async #waiting<T>(work: () => Promise<T>): Promise<T> {
    const { waits } = this.#deps
    try {
      const result = await work()
      waits.ok('clickhouse')
      return result
    } catch (error) {
      if (error instanceof Fault && error.code === ('CLICKHOUSE_UNAVAILABLE' satisfies ErrorCode)) {
        waits.wait('clickhouse', error.message)
      }
      throw error
    }
  }
}

const keyOf = ({ topic, partition }: TopicPartition<Topic>) => `${topic}/${partition}`

const isBadData = (error: unknown): error is Fault =>
  error instanceof Fault && error.code === ('ROWS_UNSTORABLE' satisfies ErrorCode)
