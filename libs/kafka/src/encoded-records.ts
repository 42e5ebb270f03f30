import type { ByteWriter } from './byte-writer.ts'
import { giveBack, takeWriter } from './idle-writers.ts'

/** Headers of a record, written behind one another. */
export interface RecordHeaders {
  readonly count: number
  /** Bytes that they take, at most. */
  readonly mostBytes: number
  write(into: ByteWriter): void
}

/** A record to be written, its value encoded. */
export interface EncodableRecord {
  readonly topic: string
  readonly partition: number
  /** Milliseconds. */
  readonly timestamp: number
  readonly key: Buffer | string | null
  readonly value: Buffer | null
  readonly headers: RecordHeaders
}

/** What stands behind the head of a record batch. */
export interface BatchBody {
  readonly bytes: Buffer
  /** Number of records. */
  readonly length: number
  readonly firstTimestamp: number
  readonly maxTimestamp: number
  /** Gives the memory back; the bytes are gone then. */
  release(): void
}

/** The records of one partition in one send, encoded as they are added. */
export class EncodedRecords implements BatchBody {
  readonly #writer = takeWriter()
  /** Number of records, by the name that kafkajs asks for. */
  length = 0
  firstTimestamp = 0
  maxTimestamp = 0

  get bytes(): Buffer {
    return this.#writer.bytes
  }

  get byteLength(): number {
    return this.#writer.length
  }

  add({ timestamp, key, value, headers }: Omit<EncodableRecord, 'topic' | 'partition'>): void {
    const writer = this.#writer
    if (this.length === 0) this.firstTimestamp = this.maxTimestamp = timestamp
    else if (timestamp > this.maxTimestamp) this.maxTimestamp = timestamp
    const start = writer.open()
    writer.byte(0)
    writer.varlong(timestamp - this.firstTimestamp)
    writer.varint(this.length)
    writer.sized(key)
    writer.sized(value)
    writer.varint(headers.count)
    headers.write(writer)
    writer.close(start)
    this.length += 1
  }

  release(): void {
    this.length = 0
    giveBack(this.#writer)
  }
}

/** The records of one topic in one send, in the place of kafkajs's list of messages. */
export class EncodedTopic {
  readonly byPartition: Record<number, EncodedRecords> = {}

  /** kafkajs looks for messages without a value; there is none. */
  find(): undefined {
    return undefined
  }
}
