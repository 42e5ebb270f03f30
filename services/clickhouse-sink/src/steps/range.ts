import { Fault } from '@backhaul/domain'
import type { ErrorCode } from '../errors.ts'

/** Offsets `[from, to)` of one partition. */
export interface Range {
  readonly topic: string
  readonly partition: number
  readonly from: bigint
  readonly to: bigint
}

/**
 * The token under which ClickHouse remembers an insert: the same range gives the same rows, so a second insert under it
 * adds nothing. It must never stand for other rows.
 *
 * @param generation Counts how often the tables were filled anew.
 */
export const tokenOf = ({ topic, partition, from, to }: Range, generation: number): string =>
  `g${generation}:${topic}:${partition}:${from}-${to}`

/** The note that goes with the position `from` while the range is being inserted. */
export const toNote = ({ to }: Range): string => JSON.stringify({ insertingTo: String(to) })

/**
 * Where a noted range ends; null when the position carries no note.
 *
 * @throws Fault `RANGE_UNREADABLE`.
 */
export function fromNote(note: string | null): bigint | null {
  if (note === null || note === '') return null
  try {
    const { insertingTo } = JSON.parse(note) as { insertingTo: string }
    return BigInt(insertingTo)
  } catch (cause) {
    const message = `The position in Kafka carries the note ${note}: clear the group's metadata, then start again`
    throw new Fault('RANGE_UNREADABLE' satisfies ErrorCode, message, { cause })
  }
}
