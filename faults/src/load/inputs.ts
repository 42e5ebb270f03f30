import type { AmazonReturnRow, SalesOrder } from '@backhaul/domain'

export type InputTopic = 'amazon-return-rows.v1' | 'sales-orders.v1'

/** One record that the load writes, with what must come of it. `timestamp` is the record's, milliseconds. */
export type LoadedInput =
  | {
      readonly kind: 'row'
      readonly topic: InputTopic
      readonly key: string
      readonly row: AmazonReturnRow
      readonly timestamp: number
      /** Another id that names the same schema. */
      readonly schemaId?: number
    }
  | {
      readonly kind: 'order'
      readonly topic: InputTopic
      readonly key: string
      readonly order: SalesOrder
      readonly timestamp: number
    }
  | {
      readonly kind: 'tombstone'
      readonly topic: InputTopic
      readonly key: string
      readonly timestamp: number
    }
  | PoisonInput

/** A record that belongs in the dead letters, bytes untouched, under one of these codes. */
export interface PoisonInput {
  readonly kind: 'poison'
  readonly timestamp: number
  readonly topic: InputTopic
  readonly key: string | null
  /** Bytes as they are, or a record to be encoded that contradicts its key, place or settings. */
  readonly value: Buffer | AmazonReturnRow | SalesOrder | null
  readonly partition: number
  /** What becomes of the encoded record. */
  readonly change?: (encoded: Buffer) => Buffer
  readonly codes: readonly string[]
}

/** Records of one transaction of an input's writer. */
export interface LoadedTransaction {
  readonly topic: InputTopic
  readonly inputs: readonly LoadedInput[]
  /** True for a writer that gives up in the middle: nothing of it may ever be seen. */
  readonly aborted: boolean
  readonly isCompressed?: boolean
}
