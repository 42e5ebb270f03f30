import type * as kafkajs from 'kafkajs'
import { ByteWriter } from './byte-writer.ts'
import type { RecordHeaders } from './encoded-records.ts'

/** Most bytes around the name and the value of a header. */
const FRAME_BYTES = 10
const UTF8_BYTES_PER_CHAR = 3

/** Headers as kafkajs takes them. */
export class PlainHeaders implements RecordHeaders {
  readonly #entries: [string, Buffer | string | undefined][]

  constructor(headers: kafkajs.IHeaders = {}) {
    this.#entries = Object.entries(headers).flatMap(([name, value]) =>
      Array.isArray(value) ? value.map((one): [string, Buffer | string] => [name, one]) : [[name, value]],
    )
  }

  get count(): number {
    return this.#entries.length
  }

  get mostBytes(): number {
    return this.#entries.reduce(
      (sum, [name, value]) => sum + FRAME_BYTES + Buffer.byteLength(name) + Buffer.byteLength(value ?? ''),
      0,
    )
  }

  write(into: ByteWriter): void {
    for (const [name, value] of this.#entries) {
      into.sized(name)
      into.sized(value)
    }
  }
}

/** Headers that all records of one kind share, encoded once. */
export class FixedHeaders implements RecordHeaders {
  readonly count: number
  readonly mostBytes: number
  readonly #bytes: Buffer

  constructor(headers: Readonly<Record<string, string>>) {
    const plain = new PlainHeaders(headers)
    const writer = new ByteWriter()
    plain.write(writer)
    this.count = plain.count
    this.#bytes = Buffer.from(writer.bytes)
    this.mostBytes = this.#bytes.length
  }

  write(into: ByteWriter): void {
    into.raw(this.#bytes)
  }
}

/** CloudEvents headers of one record. Source: CloudEvents 1.0.2, Kafka protocol binding, binary mode. */
export class EventHeaders implements RecordHeaders {
  readonly #fixed: FixedHeaders
  readonly #id: string
  readonly #subject: string
  readonly #time: string
  readonly #more: PlainHeaders | null

  constructor(
    fixed: FixedHeaders,
    event: { id: string; subject: string; timestamp: number; more: kafkajs.IHeaders | undefined },
  ) {
    this.#fixed = fixed
    this.#id = event.id
    this.#subject = event.subject
    this.#time = isoTime(event.timestamp)
    this.#more = event.more ? new PlainHeaders(event.more) : null
  }

  get count(): number {
    return this.#fixed.count + 3 + (this.#more?.count ?? 0)
  }

  get mostBytes(): number {
    const chars = this.#id.length + this.#subject.length
    const own =
      3 * FRAME_BYTES + 'ce_idce_subjectce_time'.length + chars * UTF8_BYTES_PER_CHAR + this.#time.length
    return this.#fixed.mostBytes + own + (this.#more?.mostBytes ?? 0)
  }

  write(into: ByteWriter): void {
    this.#fixed.write(into)
    into.sized('ce_id')
    into.sized(this.#id)
    into.sized('ce_subject')
    into.sized(this.#subject)
    into.sized('ce_time')
    into.sized(this.#time)
    this.#more?.write(into)
  }
}

let lastSecond = Number.NaN
let untilMillis = ''

/** As `toISOString`, which is asked once a second: records come in the order of their times. */
function isoTime(timestamp: number): string {
  const second = Math.floor(timestamp / 1_000)
  if (second !== lastSecond) {
    lastSecond = second
    untilMillis = new Date(timestamp).toISOString().slice(0, -'000Z'.length)
  }
  return `${untilMillis}${String(timestamp - second * 1_000).padStart(3, '0')}Z`
}
