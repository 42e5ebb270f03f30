import { Fault } from '@backhaul/domain'
import type * as kafkajs from 'kafkajs'
import { zstdCompress } from './fixes/zstd-codec.ts'

/** Most bytes of one partition in one send, before compression: they become one batch. */
const BATCH_BYTES = 900_000

/** Most bytes of a record that goes alone, compressed: brokers refuse a batch above `message.max.bytes`, 1,048,588 unless set. */
const MESSAGE_BYTES = 1_048_000

/** Most bytes of what stands around key, value and headers of a record, and around one header. */
const RECORD_FRAME_BYTES = 31
const HEADER_FRAME_BYTES = 10

/** Messages split into sends that brokers take, in order for each partition. */
export class Sends {
  readonly #list: kafkajs.TopicMessages[][] = []
  #open = new Map<string, kafkajs.Message[]>()
  #bytes = new Map<string, number>()

  get list(): readonly kafkajs.TopicMessages[][] {
    return this.#list
  }

  /** Adds a message behind those before it; see `addAll`. */
  add(topic: string, message: kafkajs.Message): void {
    this.addAll([[topic, message]])
  }

  /**
   * Adds messages behind those before them, all or none.
   *
   * @throws Fault `MESSAGE_TOO_LARGE`, not retryable: brokers would refuse it at each try.
   */
  addAll(messages: readonly (readonly [topic: string, message: kafkajs.Message])[]): void {
    const sized = messages.map(([topic, message]) => [topic, message, sizeOf(message)] as const)
    for (const [topic, message, bytes] of sized) {
      if (bytes > BATCH_BYTES) refuseTooLarge(topic, message, bytes)
    }
    for (const [topic, message, bytes] of sized) this.#add(topic, message, bytes)
  }

  #add(topic: string, message: kafkajs.Message, bytes: number): void {
    const partition = `${topic}/${message.partition ?? ''}`
    const before = this.#bytes.get(partition) ?? 0
    if (this.#list.length === 0 || (before > 0 && before + bytes > BATCH_BYTES)) this.#begin()
    this.#bytes.set(partition, (this.#bytes.get(partition) ?? 0) + bytes)
    this.#messagesOf(topic).push(message)
  }

  #begin(): void {
    this.#list.push([])
    this.#open = new Map()
    this.#bytes = new Map()
  }

  #messagesOf(topic: string): kafkajs.Message[] {
    const open = this.#open.get(topic)
    if (open) return open
    const messages: kafkajs.Message[] = []
    this.#open.set(topic, messages)
    this.#list.at(-1)?.push({ topic, messages })
    return messages
  }
}

/** Bytes of a message in a batch, at most, before compression. */
function sizeOf({ key, value, headers = {} }: kafkajs.Message): number {
  let bytes = RECORD_FRAME_BYTES + byteLength(key) + byteLength(value)
  for (const name in headers) {
    bytes += HEADER_FRAME_BYTES + byteLength(name) + byteLength(headers[name] as Buffer | string)
  }
  return bytes
}

const byteLength = (data: Buffer | string | null | undefined): number =>
  data === null || data === undefined ? 0 : Buffer.byteLength(data)

/** A message above the limit goes alone: it is what it takes compressed that counts. */
function refuseTooLarge(topic: string, { key, value }: kafkajs.Message, bytes: number): void {
  const compressed = bytes - byteLength(value) + zstdCompress(Buffer.from(value ?? '')).length
  if (compressed <= MESSAGE_BYTES) return
  throw new Fault(
    'MESSAGE_TOO_LARGE',
    `A record for ${topic} has ${bytes} bytes, ${compressed} of them left by compression; brokers take ${MESSAGE_BYTES}. ` +
      'Its input belongs into the dead letters, or the limit must be raised',
    { details: { topic, keyBytes: byteLength(key), bytes, compressed } },
  )
}
