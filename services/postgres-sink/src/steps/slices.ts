import type { Change } from './read-return.ts'

/** Changes of the offsets `[fromOffset, nextOffset)`; offsets without a change count as read. */
export interface Slice {
  readonly fromOffset: bigint
  readonly nextOffset: bigint
  readonly changes: readonly Change[]
}

/** Cuts a slice into neighbours without a gap, of at most `most` changes each. */
export function slices({ fromOffset, nextOffset, changes }: Slice, most: number): Slice[] {
  const cut: Slice[] = []
  let from = fromOffset
  for (let at = 0; at === 0 || at < changes.length; at += most) {
    const next = changes[at + most]?.offset ?? nextOffset
    cut.push({ fromOffset: from, nextOffset: next, changes: changes.slice(at, at + most) })
    from = next
  }
  return cut
}

/** The two halves of a slice of at least two changes. */
export const halves = (slice: Slice): Slice[] => slices(slice, Math.ceil(slice.changes.length / 2))
