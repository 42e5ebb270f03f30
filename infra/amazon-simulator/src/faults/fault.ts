/**
 * How an answer goes wrong.
 *
 * Without taking effect: `throttle` (429 without a rate, as usual), `throttle-with-rate`, `failure` (500), `html` (503),
 * `denied` (403: role missing), `token-expired` (403), `invalid-grant` (token endpoint), `cut-before`.
 * After the call took effect: `cut-after` (no answer), `cut-middle` (half an answer), `empty` (200 without a body),
 * `slow` (the answer comes `ms` later).
 * Downloads: `reset` (the connection breaks in the middle), `short` (ends before its stated length), `truncated` (cut, the
 * length agrees), `stalled` (half, then nothing for `ms`), `trickle` (all of it, spread over `ms`), `expired` (403).
 */
export const FAULT_KINDS = [
  'throttle',
  'throttle-with-rate',
  'failure',
  'html',
  'denied',
  'token-expired',
  'invalid-grant',
  'cut-before',
  'cut-after',
  'cut-middle',
  'empty',
  'slow',
  'reset',
  'short',
  'truncated',
  'stalled',
  'trickle',
  'expired',
] as const

export type FaultKind = (typeof FAULT_KINDS)[number]

/** A fault of coming answers. */
export interface Fault {
  /** An operation's name, `token`, `download`, or `*` for any operation. */
  readonly operation: string
  readonly kind: FaultKind
  /** For how many calls. */
  left: number
  /** Calls that pass before it begins. */
  skip?: number | undefined
  /** Share of the calls that it hits, by the seed; all when left out. */
  readonly chance?: number | undefined
  readonly sellerId?: string | undefined
  readonly marketplaceId?: string | undefined
  readonly reportType?: string | undefined
  /** Real time that `slow`, `stalled` and `trickle` take. */
  readonly ms?: number | undefined
}

/** What a call is about, as far as faults can tell calls apart. */
export interface FaultTarget {
  readonly operation: string
  readonly sellerId?: string | undefined
  readonly marketplaceIds?: readonly string[] | undefined
  readonly reportType?: string | undefined
}

/** Takes the fault of a call out of the list's counts: the first that fits, is not used up and is drawn. */
export function takeFault(faults: readonly Fault[], call: FaultTarget, random: () => number): Fault | null {
  for (const fault of faults) {
    if (!fits(fault, call) || fault.left <= 0) continue
    if (fault.skip) {
      fault.skip -= 1
      continue
    }
    if (fault.chance !== undefined && random() >= fault.chance) continue
    fault.left -= 1
    return fault
  }
  return null
}

function fits(fault: Fault, call: FaultTarget): boolean {
  const isOperation =
    fault.operation === '*'
      ? !['token', 'download'].includes(call.operation)
      : fault.operation === call.operation
  return (
    isOperation &&
    (fault.sellerId ?? call.sellerId) === call.sellerId &&
    (fault.reportType ?? call.reportType) === call.reportType &&
    (fault.marketplaceId === undefined || (call.marketplaceIds?.includes(fault.marketplaceId) ?? false))
  )
}
