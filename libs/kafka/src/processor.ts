import { Fault } from '@backhaul/domain'
import type { ReadsOf, ServiceName, TopicName } from '@backhaul/flow'
import { pause, waitOut } from '@backhaul/runtime'
import { type ChangelogOf, hasBegun, type Positions, positionsToRead } from './begin.ts'
import { asFault } from './client-faults.ts'
import type { Assignment } from './co-partitioned-assigner.ts'
import type { Connection } from './connection.ts'
import { FetchQueue } from './fetch-queue.ts'
import type { Outbox } from './outbox.ts'
import type { FetchedBatch } from './partition-reader.ts'
import { PartitionTasks } from './partition-tasks.ts'
import { decodeRecord, type InputOf, learnSchemas } from './records.ts'
import { FIRST_RECORDS, nextTransactionSize } from './transaction-size.ts'
import { endKey } from './transactional-writer.ts'

const AFTER_LOSS_MS = 1_000

/**
 * The state and rules of one partition number. State holds only what was committed: `apply` works on an overlay, which
 * `merge` keeps and `drop` forgets.
 */
export interface PartitionProcessor<S extends ServiceName> {
  /** Rebuilds the state as of the committed positions. Called once, before any `apply`. */
  restore(committed: Positions): Promise<void>
  /**
   * Applies records to the overlay and writes what follows from them.
   *
   * @param records In order, to be gone through once: each is decoded when it is its turn.
   * @param next Positions behind the records.
   * @throws a retryable Fault to be called again with the same records, later. A non-retryable one is a bug here:
   *   known bad data goes to the dead letters by `outbox.writeRaw`.
   */
  apply(records: Iterable<InputOf<S>>, outbox: Outbox<S>, next: ReadonlyMap<TopicName, bigint>): Promise<void>
  /** @param changelogNext Offset behind the last record that the transaction wrote into the changelog; undefined for none. */
  merge(changelogNext: bigint | undefined): void
  drop(): void
  /**
   * Called between two transactions, and once more when a session ends well: nothing is open, the state is that of these
   * positions. May write it to disk.
   */
  checkpoint?(next: ReadonlyMap<TopicName, bigint>, ending: boolean): Promise<void> | undefined
}

export interface ProcessorOptions<S extends ServiceName> {
  /** Joined inputs: equal partition counts, partition n of all of them goes to one instance. */
  readonly inputs: readonly ReadsOf<S>[]
  /** Where the state is remembered. It tells also whether a partition was ever begun, so the processor writes to it first. */
  readonly changelog: ChangelogOf<S>
  create(partition: number): PartitionProcessor<S>
  /** Ends the process because of a bug; nothing more is committed. */
  readonly fail: (error: unknown) => void
}

export interface RunningProcessor {
  /** Finishes the transactions in flight and leaves the group. */
  stop(): Promise<void>
}

/**
 * Reads, computes and writes exactly once, for each owned partition number on its own:
 *
 * 1. open the producer of this partition: InitProducerId fences the predecessor and settles its transaction;
 * 2. only then read the committed offsets, and restore the state as of them;
 * 3. apply what is there of all inputs to an overlay; send outputs, state and dead letters with the offsets of all inputs; commit;
 * 4. only then merge the overlay;
 * 5. after any error of Kafka: drop overlay, state and producer, and go to 1. The committed offsets tell what happened.
 */
export async function process<S extends ServiceName>(
  kafka: Connection<S>,
  { inputs, changelog, create, fail }: ProcessorOptions<S>,
): Promise<RunningProcessor> {
  const { codec, log, waits } = kafka.options
  const stopping = new AbortController()
  waits.wait('kafka', 'no partition assigned yet')

  const topicOf = new Map<string, ReadsOf<S>>(inputs.map((topic) => [kafka.physical(topic), topic]))
  const learn = async (batches: readonly FetchedBatch[]): Promise<true> => {
    for (const { topic, records } of batches) {
      await learnSchemas(codec, topicOf.get(topic) as TopicName, records)
    }
    return true
  }
  /** Decodes a record when it is its turn: what is done with is garbage at once. */
  function* decoded(partition: number, batches: readonly FetchedBatch[]): Generator<InputOf<S>> {
    for (const { topic, records } of batches) {
      const name = topicOf.get(topic) as TopicName
      for (const raw of records) yield decodeRecord(codec, name, partition, raw) as InputOf<S>
    }
  }

  const session = async (partition: number, part: string, signal: AbortSignal): Promise<void> => {
    const reader = kafka.partitionReader()
    const queue = new FetchQueue(reader, signal)
    const writer = await kafka.transactionalWriter(String(partition))
    try {
      const begun = await hasBegun(reader, kafka.physical(changelog), partition)
      const committed = await committedPositions(kafka, inputs, partition)
      const processor = create(partition)
      await restored(processor, committed, () => committedPositions(kafka, inputs, partition))
      const beginning = { kafka, partition, changelog, hasBegun: begun, committed, reader, writer }
      let next = await positionsToRead(beginning)
      for (const [topic, offset] of next) await reader.seek(kafka.physical(topic), partition, offset)
      log.info(
        { partition, next: Object.fromEntries([...next].map(([t, o]) => [t, String(o)])) },
        'partition ready',
      )
      waits.ok(part)
      for (let size = FIRST_RECORDS; !signal.aborted; ) {
        const batches = await queue.take(size)
        if (batches.length === 0) break
        const began = performance.now()
        const following = advance(part, next, batches, topicOf)
        if (!(await waitOut(part, () => learn(batches), { waits, log, signal }))) break
        const outbox = await waitOut(
          part,
          async () => {
            const attempt = writer.outbox()
            processor.drop()
            for (const topic of inputs) kafka.deadLetterShare.forget({ topic, partition })
            await processor.apply(decoded(partition, batches), attempt, following)
            return attempt
          },
          { waits, log, signal },
        )
        if (!outbox) break
        const tookMs = performance.now() - began
        const positions = [...following].map(([topic, nextOffset]) => ({
          topic: kafka.physical(topic),
          partition,
          nextOffset,
        }))
        const ends = await writer.commit(outbox, { group: kafka.group, positions })
        processor.merge(ends.get(endKey(kafka.physical(changelog), partition)))
        next = following
        let taken = 0
        for (const topic of inputs) {
          const count = countOf(batches, kafka.physical(topic))
          kafka.deadLetterShare.settle({ topic, partition }, count)
          taken += count
        }
        await processor.checkpoint?.(next, false)
        size = nextTransactionSize(size, taken, tookMs)
      }
      await processor.checkpoint?.(next, true)
    } catch (error) {
      throw asFault(part, error)
    } finally {
      queue.close()
      await writer.close()
      await reader.close().catch(() => {})
    }
  }

  const work = async (key: string, signal: AbortSignal): Promise<void> => {
    const part = `partition ${key}`
    await waitOut(part, () => session(Number(key), part, signal), { waits, log, signal })
    waits.ok(part)
  }

  const tasks = new PartitionTasks(work, fail)
  const assigned = (assignment: Assignment) => {
    if (stopping.signal.aborted) return
    waits.ok('kafka')
    const numbers = inputs.map((topic) => [...(assignment[kafka.physical(topic)] ?? [])].sort().join())
    if (new Set(numbers).size > 1) {
      return fail(
        new Fault('NOT_CO_PARTITIONED', `Assigned ${numbers.join(' and ')}: joined topics must go together`),
      )
    }
    tasks.assign((assignment[kafka.physical(inputs[0] as TopicName)] ?? []).map(String))
  }
  const suspended = (reason: string) => {
    waits.wait('kafka', reason)
    tasks.assign([])
  }
  const lost = async (error: unknown) => {
    waits.wait('kafka', `the consumer group was lost: ${error instanceof Error ? error.message : error}`)
    await pause(AFTER_LOSS_MS, stopping.signal)
    fail(error)
  }
  const seat = await kafka.join(inputs, { assigned, suspended, lost })
  return {
    async stop() {
      stopping.abort()
      await tasks.stop()
      await seat.leave()
    },
  }
}

/** Positions behind the batches; what was not read without a gap stops. */
function advance(
  part: string,
  next: ReadonlyMap<TopicName, bigint>,
  batches: readonly FetchedBatch[],
  topicOf: ReadonlyMap<string, TopicName>,
): ReadonlyMap<TopicName, bigint> {
  const following = new Map(next)
  for (const { topic, fetchOffset, nextOffset } of batches) {
    const name = topicOf.get(topic) as TopicName
    const expected = following.get(name)
    if (fetchOffset !== expected) {
      throw new Fault(
        'OFFSET_DISCONTINUITY',
        `${part}: ${name} was read from ${fetchOffset}, not ${expected}`,
      )
    }
    following.set(name, nextOffset)
  }
  return following
}

/**
 * Restores the state, unless another owner works on meanwhile: it moves state and positions, and what does not fit then is
 * no reason to stop.
 */
async function restored<S extends ServiceName>(
  processor: PartitionProcessor<S>,
  committed: Positions,
  committedNow: () => Promise<Positions>,
): Promise<void> {
  try {
    await processor.restore(committed)
  } catch (cause) {
    const now = await committedNow()
    if ([...committed].every(([topic, offset]) => now.get(topic) === offset)) throw cause
    throw new Fault('PARTITION_TAKEN', 'Another instance has worked on while the state was restored', {
      retryable: true,
      cause,
    })
  }
}

const countOf = (batches: readonly FetchedBatch[], topic: string) =>
  batches.reduce((count, batch) => (batch.topic === topic ? count + batch.records.length : count), 0)

async function committedPositions<S extends ServiceName>(
  kafka: Connection<S>,
  inputs: readonly TopicName[],
  partition: number,
): Promise<Positions> {
  const all = await kafka.committed(inputs)
  const find = (topic: TopicName) =>
    all.find((c) => c.topic === topic && c.partition === partition)?.offset ?? null
  return new Map(inputs.map((topic) => [topic, find(topic)]))
}
