import { Fault } from '@backhaul/domain'
import type * as kafkajs from 'kafkajs'
import { type Cluster, openCluster } from './internals.ts'
import { type LogRecord, openRecordSet } from './record-batch.ts'

const READ_COMMITTED = 1
const EARLIEST = -2
const LATEST = -1

/** Most bytes of one fetch, over all partitions of the reader. */
const FETCH_BYTES = 8 * 1024 * 1024
const FETCH_BYTES_PER_PARTITION = 4 * 1024 * 1024

/** Records of one partition, read in one fetch. */
export interface FetchedBatch {
  readonly topic: string
  readonly partition: number
  /** Read when they are first asked for, so that the next fetch is on its way by then. */
  readonly records: readonly LogRecord[]
  /** Where this fetch began. */
  readonly fetchOffset: bigint
  /** Where the next one begins. */
  readonly nextOffset: bigint
  /** End of what a read_committed reader may see now. */
  readonly endOffset: bigint
  /** Size on the wire. */
  readonly bytes: number
}

/**
 * Reads partitions without a consumer group, read_committed, from given positions.
 *
 * Positions are the caller's: nothing is committed, nothing is reset. An offset that the log no longer holds is a Fault
 * `OFFSET_OUT_OF_RANGE`, never a silent jump.
 */
export class PartitionReader {
  readonly #cluster: Cluster
  readonly #positions = new Map<string, { topic: string; partition: number; offset: bigint }>()
  #connected = false

  constructor(client: kafkajs.Kafka) {
    this.#cluster = openCluster(client)
  }

  /** Sets where to read a partition next, in physical topic names. */
  async seek(topic: string, partition: number, offset: bigint): Promise<void> {
    await this.#connect()
    await this.#cluster.addTargetTopic(topic)
    this.#positions.set(`${topic}/${partition}`, { topic, partition, offset })
  }

  /** Offset of the first record the log still holds. */
  earliest(topic: string, partition: number): Promise<bigint> {
    return this.#listOffset(topic, partition, EARLIEST)
  }

  /** End of what a read_committed reader may see now. */
  latest(topic: string, partition: number): Promise<bigint> {
    return this.#listOffset(topic, partition, LATEST)
  }

  /** Offset of the first record of a time, in milliseconds, or later; null where there is none. */
  async atTime(topic: string, partition: number, time: number): Promise<bigint | null> {
    const offset = await this.#listOffset(topic, partition, time)
    return offset < 0n ? null : offset
  }

  /** Fetches once; waits up to `maxWaitMs` where nothing is new. Moves the positions behind what it returns. */
  async fetch(maxWaitMs: number): Promise<FetchedBatch[]> {
    const byLeader = new Map<string, { topic: string; partition: number; offset: bigint }[]>()
    for (const position of this.#positions.values()) {
      const leader = this.#leader(position.topic, position.partition)
      byLeader.set(leader, [...(byLeader.get(leader) ?? []), position])
    }
    const answers = await Promise.all(
      [...byLeader].map(([nodeId, positions]) => this.#fetchFrom(nodeId, positions, maxWaitMs)),
    )
    return answers.flat()
  }

  async close(): Promise<void> {
    await this.#cluster.disconnect()
  }

  async #fetchFrom(
    nodeId: string,
    positions: { topic: string; partition: number; offset: bigint }[],
    maxWaitMs: number,
  ): Promise<FetchedBatch[]> {
    const broker = await this.#cluster.findBroker({ nodeId })
    const topics = Map.groupBy(positions, (p) => p.topic)
    const { responses } = await this.#mended(() =>
      broker.fetch({
        isolationLevel: READ_COMMITTED,
        maxWaitTime: maxWaitMs,
        minBytes: 1,
        maxBytes: FETCH_BYTES,
        topics: [...topics].map(([topic, wanted]) => ({
          topic,
          partitions: wanted.map(({ partition, offset }) => ({
            partition,
            fetchOffset: String(offset),
            maxBytes: FETCH_BYTES_PER_PARTITION,
          })),
        })),
      }),
    )
    const batches: FetchedBatch[] = []
    for (const { topicName, partitions } of responses) {
      for (const fetched of partitions) {
        const position = this.#positions.get(`${topicName}/${fetched.partition}`)
        if (!position) continue
        const aborted = fetched.abortedTransactions.map((t) => ({
          producerId: BigInt(t.producerId),
          firstOffset: BigInt(t.firstOffset),
        }))
        const fetchOffset = position.offset
        const set = openRecordSet(fetched.messages.bytes, fetchOffset, aborted)
        position.offset = set.nextOffset ?? fetchOffset
        let records: readonly LogRecord[] | undefined
        batches.push({
          topic: topicName,
          partition: fetched.partition,
          get records() {
            records ??= set.records()
            return records
          },
          fetchOffset,
          nextOffset: position.offset,
          endOffset: BigInt(fetched.lastStableOffset),
          bytes: fetched.messages.bytes.length,
        })
      }
    }
    return batches
  }

  async #listOffset(topic: string, partition: number, timestamp: number): Promise<bigint> {
    await this.#connect()
    await this.#cluster.addTargetTopic(topic)
    const broker = await this.#cluster.findBroker({ nodeId: this.#leader(topic, partition) })
    const { responses } = await this.#mended(() =>
      broker.listOffsets({
        isolationLevel: READ_COMMITTED,
        topics: [{ topic, partitions: [{ partition, timestamp }] }],
      }),
    )
    return BigInt(responses[0]?.partitions[0]?.offset ?? '0')
  }

  #leader(topic: string, partition: number): string {
    const leader = Object.keys(this.#cluster.findLeaderForPartitions(topic, [partition]))[0]
    if (leader === undefined) {
      throw new Fault('LEADER_UNKNOWN', `No leader for ${topic}/${partition} now`, { retryable: true })
    }
    return leader
  }

  async #connect(): Promise<void> {
    if (this.#connected) return
    await this.#cluster.connect()
    this.#connected = true
  }

  /** Tells apart an offset that is gone (a person decides) from a broker that is (wait). */
  async #mended<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call()
    } catch (error) {
      if (error instanceof Error && (error as { type?: string }).type === 'OFFSET_OUT_OF_RANGE') {
        const wanted = [...this.#positions.values()]
          .map((p) => `${p.topic}/${p.partition}@${p.offset}`)
          .join(', ')
        throw new Fault(
          'OFFSET_OUT_OF_RANGE',
          `The log no longer holds an offset to read on from (${wanted}). Nothing was skipped: see what there is with \`npm run offsets -- show\`, then set where to go on with \`npm run offsets -- set\`, or rebuild`,
          { cause: error },
        )
      }
      await this.#cluster.refreshMetadata().catch(() => {})
      throw error
    }
  }
}
