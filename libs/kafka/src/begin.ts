import { Fault } from '@backhaul/domain'
import type { ReadsOf, ServiceName, TopicName, WritesOf } from '@backhaul/flow'
import type { Connection } from './connection.ts'
import type { PartitionReader } from './partition-reader.ts'
import type { TransactionalWriter } from './transactional-writer.ts'

/** Next offset to read, by input topic. Null where the group has no committed offset. */
export type Positions = ReadonlyMap<TopicName, bigint | null>

/** A topic that only this service writes and reads: where it keeps what it must remember. */
export type ChangelogOf<S extends ServiceName> = ReadsOf<S> & WritesOf<S>

interface Beginning<S extends ServiceName> {
  readonly kafka: Connection<S>
  readonly partition: number
  readonly changelog: ChangelogOf<S>
  /** Read before `committed`. */
  readonly hasBegun: boolean
  readonly committed: Positions
  readonly reader: PartitionReader
  readonly writer: TransactionalWriter<S>
}

/** Key of the record that a first start leaves in the changelog. It has no value: whoever restores passes over it. */
const BEGUN_KEY = 'begun'

/**
 * True when the partition was ever begun. To be asked before the committed offsets are: whoever begins commits them first, so
 * none, asked afterwards, are lost; asked the other way round, another instance may have begun in between.
 */
export const hasBegun = async (
  reader: PartitionReader,
  changelog: string,
  partition: number,
): Promise<boolean> => (await reader.latest(changelog, partition)) > 0n

/**
 * Where to read on. A partition that was never begun begins at the first offset there is: that is committed at once, and
 * then a record in the changelog. From then on the changelog's end is beyond 0, whatever compaction takes, and a group
 * without offsets has lost them.
 *
 * @throws Fault `OFFSETS_LOST`: a person decides (C20).
 */
export async function positionsToRead<S extends ServiceName>(
  beginning: Beginning<S>,
): Promise<ReadonlyMap<TopicName, bigint>> {
  const { kafka, partition, changelog, hasBegun, committed, reader, writer } = beginning
  const lost = [...committed].filter(([, offset]) => offset === null).map(([topic]) => topic)
  if (hasBegun && lost.length > 0) throw offsetsLost(kafka.group, lost, partition)

  const positions = new Map<TopicName, bigint>()
  for (const [topic, offset] of committed) {
    positions.set(topic, offset ?? (await reader.earliest(kafka.physical(topic), partition)))
  }
  if (hasBegun) return positions
  // 1. commit the positions   fails → nothing was begun; all of this is done again
  // 2. commit the record      fails → positions, and a changelog that may end beyond 0: an abort leaves its marker there
  const inputs = [...positions].map(([topic, nextOffset]) => ({
    topic: kafka.physical(topic),
    partition,
    nextOffset,
  }))
  await writer.commit(writer.outbox(), { group: kafka.group, positions: inputs })
  const mark = writer.outbox()
  mark.writeRaw(changelog, { key: BEGUN_KEY, value: null, partition })
  await writer.commit(mark)
  return positions
}

/** A group that had offsets has none: neither beginning nor end is right unasked. */
export function offsetsLost(group: string, topics: readonly TopicName[], partition: number): Fault {
  return new Fault(
    'OFFSETS_LOST',
    `The group ${group} has worked on partition ${partition}, but has no offset there any more for ${topics.join(' and ')}. ` +
      'Nothing was read: see `npm run offsets -- show`, then set where to go on with `npm run offsets -- set`, or rebuild',
    { details: { group, topics, partition } },
  )
}
