import type { AmazonReturnRow, FrozenReason, SalesOrder } from '../records.ts'

/** One row, with the cells of all its observations merged. */
export interface RowFacts {
  readonly row: AmazonReturnRow
  /** True once a settings version let the row in; it never goes back. */
  readonly imported: boolean
  /** The reason as mapped at first import; null until then. */
  readonly frozen: FrozenReason | null
}

/** Everything known of one order reference of one tenant. */
export interface OrderFacts {
  /** Orders with this reference, in all channels of the tenant. */
  readonly salesOrders: readonly SalesOrder[]
  readonly rows: readonly RowFacts[]
}

/** What may come in, part of a settings version. */
export interface ImportSettings {
  readonly statuses: 'all' | 'approved'
  readonly labelTypes: 'all' | readonly string[]
  readonly returnlessRefunds: 'import' | 'skip'
  readonly expandKits: boolean
}

/** The part of an immutable settings version that decides about returns. */
export interface ImportConfig {
  readonly version: number
  readonly importSettings: ImportSettings
  /** Normalised Amazon reason to return reason. */
  readonly reasons: readonly { readonly amazonReason: string; readonly returnReasonId: string }[]
  readonly channels: readonly { readonly id: string; readonly name: string }[]
}
