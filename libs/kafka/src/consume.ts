import { Fault } from '@backhaul/domain'
import { type ServiceName, services, type TopicName } from '@backhaul/flow'
import { pause, waitOut } from '@backhaul/runtime'
import { asFault } from './client-faults.ts'
import type { Assignment } from './co-partitioned-assigner.ts'
import type { Connection } from './connection.ts'
import { PartitionTasks } from './partition-tasks.ts'
import type { LogRecord } from './record-batch.ts'
import { type InputRecord, toInputRecords } from './records.ts'

/** How long a fetch waits for new records. */
const FETCH_WAIT_MS = 500
const AFTER_LOSS_MS = 1_000

export interface TopicPartition<T extends TopicName = TopicName> {
  readonly topic: T
  readonly partition: number
}

/** Where a partition was committed in Kafka; null where it never was. */
export interface Committed {
  readonly offset: bigint
  readonly metadata: string | null
}

/** Records of one partition, without a gap: `[fromOffset, nextOffset)`. */
export interface PartitionBatch<T extends TopicName = TopicName> extends TopicPartition<T> {
  readonly fromOffset: bigint
  readonly nextOffset: bigint
  readonly records: readonly InputRecord<T>[]
  readonly signal: AbortSignal
}

/** How a sink reads. Positions are the sink's own: Kafka's are for lag monitors, unless the sink chooses them. */
export interface ConsumeOptions<T extends TopicName> {
  readonly topics: readonly T[]
  /**
   * Called when a partition becomes ours, and again after a retryable fault of `process`: where to read on. Null begins at the
   * first offset there is, which is committed to Kafka before `process` is called.
   */
  open(at: TopicPartition<T>, commit: Commit, read: ReadRange<T>): Promise<bigint | null>
  /** Stores a batch. A retryable Fault reopens the partition after a wait; any other error stops the service. */
  process(batch: PartitionBatch<T>, commit: Commit): Promise<void>
  /** Ends the process because of a bug. */
  readonly fail: (error: unknown) => void
}

/** Commits a position to Kafka, fenced by the group's generation. */
export type Commit = (offset: bigint, metadata?: string) => Promise<void>

/** Reads exactly the records of a range again. */
export type ReadRange<T extends TopicName> = (from: bigint, to: bigint) => Promise<PartitionBatch<T>>

export interface RunningConsumer {
  /** Finishes the batches in flight and leaves the group. */
  stop(): Promise<void>
}

/** Runs a sink's reading; see ConsumeOptions. */
export async function consume<S extends ServiceName, T extends TopicName>(
  kafka: Connection<S>,
  options: ConsumeOptions<T>,
): Promise<RunningConsumer> {
  const { codec, log, waits, service } = kafka.options
  const declared: readonly TopicName[] = services[service].reads
  const undeclared = options.topics.find((t) => !declared.includes(t))
  if (undeclared)
    throw new Fault('FLOW_UNDECLARED', `${service} does not declare that it reads ${undeclared}`)
  const stopping = new AbortController()
  waits.wait('kafka', 'no partition assigned yet')

  const work = async (key: string, signal: AbortSignal): Promise<void> => {
    const [topic, number] = key.split('/') as [T, string]
    const at: TopicPartition<T> = { topic, partition: Number(number) }
    const name = kafka.physical(topic)
    const part = `${topic}/${at.partition}`
    const commit: Commit = async (offset, metadata) => {
      try {
        await (await membership).commit(name, at.partition, offset, metadata)
      } catch (cause) {
        const message = `Positions of ${part} could not be committed`
        throw new Fault('KAFKA_COMMIT_FAILED', message, { retryable: true, cause })
      }
    }
    const toBatch = async (
      fromOffset: bigint,
      nextOffset: bigint,
      raw: readonly LogRecord[],
    ): Promise<PartitionBatch<T>> => ({
      ...at,
      fromOffset,
      nextOffset,
      records: (await toInputRecords(codec, topic, at.partition, raw)) as InputRecord<T>[],
      signal,
    })
    const session = async () => {
      const reader = kafka.partitionReader()
      try {
        const read: ReadRange<T> = async (from, to) => {
          const raw = []
          await reader.seek(name, at.partition, from)
          for (let next = from; next < to; ) {
            for (const fetched of await reader.fetch(FETCH_WAIT_MS)) {
              raw.push(...fetched.records.filter((r) => r.offset < to))
              next = fetched.nextOffset
              if (fetched.endOffset < to) throw new Fault('LOG_SHORTER', `${part} ends before offset ${to}`)
            }
          }
          return toBatch(from, to, raw)
        }
        const opened = await options.open(at, commit, read)
        const position = opened ?? (await reader.earliest(name, at.partition))
        // Committed before anything is read: no offset means from now on that it was lost.
        if (opened === null) await commit(position)
        await reader.seek(name, at.partition, position)
        waits.ok(part)
        while (!signal.aborted) {
          for (const fetched of await reader.fetch(FETCH_WAIT_MS)) {
            if (fetched.nextOffset === fetched.fetchOffset || signal.aborted) continue
            const batch = await toBatch(fetched.fetchOffset, fetched.nextOffset, fetched.records)
            kafka.deadLetterShare.forget(at)
            await options.process(batch, commit)
            kafka.deadLetterShare.settle(at, batch.records.length)
          }
        }
      } catch (error) {
        throw asFault(part, error)
      } finally {
        await reader.close().catch(() => {})
      }
    }
    await waitOut(part, session, { waits, log, signal })
    waits.ok(part)
  }

  const tasks = new PartitionTasks(work, options.fail)
  const assigned = (assignment: Assignment) => {
    if (stopping.signal.aborted) return
    waits.ok('kafka')
    const keys = options.topics.flatMap((topic) =>
      (assignment[kafka.physical(topic)] ?? []).map((partition) => `${topic}/${partition}`),
    )
    tasks.assign(keys)
  }
  const suspended = (reason: string) => {
    waits.wait('kafka', reason)
    tasks.assign([])
  }
  const lost = async (error: unknown) => {
    waits.wait('kafka', `the consumer group was lost: ${error instanceof Error ? error.message : error}`)
    await pause(AFTER_LOSS_MS, stopping.signal)
    options.fail(error)
  }
  const membership = kafka.join(options.topics, { assigned, suspended, lost })
  const seat = await membership
  return {
    async stop() {
      stopping.abort()
      await tasks.stop()
      await seat.leave()
      await kafka.close()
    },
  }
}
