import type { Codec } from '@backhaul/codec'
import type { AmazonReturnRow, SalesOrder } from '@backhaul/domain'
import { partitionOf } from '@backhaul/kafka'

export type InputTopic = 'amazon-return-rows.v1' | 'sales-orders.v1'

/** One record of an input topic, encoded. */
export interface InputRecord {
  readonly topic: InputTopic
  readonly key: string
  readonly value: Buffer | null
  readonly partition: number
  /** Milliseconds. */
  readonly timestamp: number
}

/** Encodes rows and orders for the topics under a prefix, which the codec has prepared. */
export class InputEncoder {
  readonly #codec: Codec
  readonly #prefix: string

  private constructor(codec: Codec, prefix: string) {
    this.#codec = codec
    this.#prefix = prefix
  }

  static async prepare(codec: Codec, prefix: string): Promise<InputEncoder> {
    await codec.prepare(`${prefix}amazon-return-rows.v1`, 'AmazonReturnRow')
    await codec.prepare(`${prefix}sales-orders.v1`, 'SalesOrder')
    return new InputEncoder(codec, prefix)
  }

  row(row: AmazonReturnRow, timestamp: number): InputRecord {
    return this.bytes('amazon-return-rows.v1', row.orderReference, this.valueOf(row), timestamp)
  }

  order(order: SalesOrder, timestamp: number): InputRecord {
    const key = `${order.orderReference}|${order.channelId}`
    const value = this.#codec.encode(`${this.#prefix}sales-orders.v1`, order)
    return this.bytes('sales-orders.v1', key, value, timestamp)
  }

  /** A record of any bytes, on the partition of its key. */
  bytes(topic: InputTopic, key: string, value: Buffer | null, timestamp: number): InputRecord {
    return { topic, key, value, partition: partitionOf(topic, key), timestamp }
  }

  valueOf(row: AmazonReturnRow): Buffer {
    return this.#codec.encode(`${this.#prefix}amazon-return-rows.v1`, row)
  }
}
