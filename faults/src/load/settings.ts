import { Random } from '../random.ts'

/** A settings version as config-service answers it. */
export interface SettingsVersion {
  readonly version: number
  readonly importSettings: {
    readonly statuses: 'all' | 'approved'
    readonly labelTypes: 'all' | readonly string[]
    readonly returnlessRefunds: 'import' | 'skip'
    readonly expandKits: boolean
  }
  readonly reasons: readonly { readonly amazonReason: string; readonly returnReasonId: string }[]
  readonly channels: readonly { readonly id: string; readonly name: string }[]
}

export const LABEL_TYPES = ['AmazonPrePaidLabel', 'SellerPrePaidLabel', 'UnpaidLabel'] as const

/** Channels that have names; others are named by their id. */
export const channels = [
  { id: 'tenant-1-de', name: 'Amazon DE' },
  { id: 'tenant-1-gb', name: 'Amazon GB' },
  { id: 'tenant-2-de', name: 'Zweitmarke' },
]

/** Settings version n of any integration: the same for all who ask, as versions are immutable. */
export function settingsVersion(version: number): SettingsVersion {
  const random = new Random(version)
  const strict = version % 4 === 0
  return {
    version,
    importSettings: {
      statuses: strict ? 'approved' : 'all',
      labelTypes: version % 5 === 0 ? LABEL_TYPES.slice(0, 2) : 'all',
      returnlessRefunds: version % 3 === 0 ? 'skip' : 'import',
      expandKits: version % 7 !== 0,
    },
    reasons: [
      { amazonReason: 'DEFECTIVE', returnReasonId: `reason-broken-${random.below(3)}` },
      ...(random.chance(0.5) ? [{ amazonReason: 'NO_REASON_GIVEN', returnReasonId: 'reason-none' }] : []),
    ],
    channels,
  }
}
