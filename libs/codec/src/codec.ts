import { Fault, type RecordTypes } from '@backhaul/domain'
import { newestOf, type RecordName } from '@backhaul/schemas'
import { Arena } from './arena.ts'
import { newestType, parseType } from './avro-types.ts'
import { formatOf, type RecordFormat } from './record-format.ts'
import { Registry } from './registry.ts'

// Wire format: byte 0, schema id (4 bytes, big endian), Avro body. Source: Confluent, "Wire format".
const MAGIC = 0
const HEADER_BYTES = 5

/** How long an unknown schema id is not asked for again, and how often before it counts as bad data. */
const UNKNOWN_ID_PAUSE_MS = 1_000
const UNKNOWN_ID_TRIES = 5

type Reader = RecordFormat['read']

/** Avro bytes to domain records and back. The hot path does no I/O: schema ids are looked up once. */
export class Codec {
  readonly #registry: Registry
  readonly #writers = new Map<string, { format: RecordFormat; header: Buffer }>()
  readonly #readers = new BySchema<Reader>()
  /** Why values under an id are bad data for a record. */
  readonly #useless = new BySchema<Fault>()
  readonly #asking = new Map<string, Promise<Reader>>()
  readonly #unknown = new Map<number, { tries: number; until: number }>()
  readonly #now: () => number
  readonly #arena = new Arena()

  constructor(registryUrl: string, now: () => number = Date.now) {
    this.#registry = new Registry(registryUrl)
    this.#now = now
  }

  /** Registers all versions of a record for a topic: a deploy step. */
  register(physicalTopic: string, record: RecordName): Promise<void> {
    return this.#registry.register(physicalTopic, record)
  }

  /**
   * Looks up the id under which this topic's values are written.
   *
   * @throws Fault `SCHEMA_NOT_REGISTERED`, or `REGISTRY_UNAVAILABLE` (retryable).
   */
  async prepare(physicalTopic: string, record: RecordName): Promise<void> {
    const id = await this.#registry.idOfNewest(physicalTopic, record)
    const header = Buffer.alloc(HEADER_BYTES)
    header.writeUInt32BE(id, 1)
    const format = newestFormat(record)
    this.#writers.set(physicalTopic, { format, header })
    this.#readers.set(record, id, format.read)
  }

  /**
   * Encodes a value of a prepared topic. The bytes stand beside those of other values, in memory that goes when none of them is
   * held any longer; or in an arena of the caller's, until it is cleared.
   *
   * @throws Fault `UNENCODABLE`, not retryable: the value does not fit the schema. What it follows from is bad data.
   */
  encode(physicalTopic: string, value: object, arena = this.#arena): Buffer {
    const writer = this.#writers.get(physicalTopic)
    if (!writer) throw new Error(`prepare(${physicalTopic}) was not awaited`)
    try {
      return arena.encode(writer.header, writer.format, value)
    } catch (cause) {
      throw new Fault('UNENCODABLE', `A value for ${physicalTopic} does not fit its schema`, { cause })
    }
  }

  /**
   * Decodes a value into the newest version of its record. Synchronous once the writer's schema is known.
   *
   * @throws Fault `UNDECODABLE_FRAME`, `UNDECODABLE_BODY` or `UNDECODABLE_SCHEMA_ID`: known bad data;
   *   `SCHEMA_ID_UNKNOWN` or `REGISTRY_UNAVAILABLE`: retryable.
   */
  decode<N extends RecordName>(record: N, bytes: Uint8Array): RecordTypes[N] | Promise<RecordTypes[N]> {
    const buffer = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (buffer.length <= HEADER_BYTES || buffer[0] !== MAGIC) {
      throw new Fault(
        'UNDECODABLE_FRAME',
        `Not in registry wire format: ${buffer.length} bytes, first ${buffer[0]}`,
      )
    }
    const id = idIn(buffer)
    const reader = this.#readerOf(record, id)
    if (reader) return read(record, reader, buffer) as RecordTypes[N]
    return this.#ask(record, id).then((asked) => read(record, asked, buffer) as RecordTypes[N])
  }

  /**
   * Decodes a value whose schema was learnt.
   *
   * @throws Fault as `decode`; Error, a bug, when its schema is not known.
   */
  decodeNow<N extends RecordName>(record: N, bytes: Uint8Array): RecordTypes[N] {
    const decoded = this.decode(record, bytes)
    if (!(decoded instanceof Promise)) return decoded
    decoded.catch(() => {})
    throw new Error(`The schema of a ${record} was not learnt before it was decoded`)
  }

  /** @throws Fault `UNDECODABLE_SCHEMA_ID`. */
  #readerOf(record: RecordName, id: number): Reader | undefined {
    const reader = this.#readers.get(record, id)
    const useless = reader ? undefined : this.#useless.get(record, id)
    if (useless) throw useless
    return reader
  }

  /**
   * Learns the schemas under which values were written, so that decoding them needs no promise.
   *
   * @returns Null when all are known. A schema that is no use for the record is not told here but by `decode`.
   * @throws Fault `SCHEMA_ID_UNKNOWN` or `REGISTRY_UNAVAILABLE`: retryable.
   */
  learn(record: RecordName, values: Iterable<Uint8Array | null>): Promise<void> | null {
    let unknown: Set<number> | undefined
    let last = -1
    for (const bytes of values) {
      if (bytes === null || bytes.length <= HEADER_BYTES || bytes[0] !== MAGIC) continue
      const id = idIn(bytes)
      if (id === last) continue
      last = id
      if (this.#readers.get(record, id) || this.#useless.get(record, id)) continue
      unknown ??= new Set()
      unknown.add(id)
    }
    return unknown ? this.#learnAll(record, unknown) : null
  }

  async #learnAll(record: RecordName, ids: ReadonlySet<number>): Promise<void> {
    for (const id of ids) {
      await this.#ask(record, id).catch((error) => {
        if (!(error instanceof Fault) || error.retryable) throw error
        this.#useless.set(record, id, error)
      })
    }
  }

  #ask(record: RecordName, id: number): Promise<Reader> {
    const key = `${record}/${id}`
    const asking = this.#asking.get(key) ?? this.#learn(record, id).finally(() => this.#asking.delete(key))
    this.#asking.set(key, asking)
    return asking
  }

  async #learn(record: RecordName, id: number): Promise<Reader> {
    const unknown = this.#unknown.get(id) ?? { tries: 0, until: 0 }
    if (unknown.tries >= UNKNOWN_ID_TRIES) {
      throw new Fault(
        'UNDECODABLE_SCHEMA_ID',
        `Schema id ${id} is not in the registry after ${unknown.tries} tries`,
      )
    }
    const schema = this.#now() < unknown.until ? null : await this.#registry.schemaOf(id)
    if (!schema) {
      if (this.#now() >= unknown.until) {
        this.#unknown.set(id, { tries: unknown.tries + 1, until: this.#now() + UNKNOWN_ID_PAUSE_MS })
      }
      throw new Fault('SCHEMA_ID_UNKNOWN', `Schema id ${id} is not in the registry yet`, { retryable: true })
    }
    this.#unknown.delete(id)
    try {
      const reader = readerFrom(record, schema)
      this.#readers.set(record, id, reader)
      return reader
    } catch (cause) {
      throw new Fault('UNDECODABLE_SCHEMA_ID', `Schema id ${id} is not a ${record}`, { cause })
    }
  }
}

/** What is known of each schema id, as one of our records. */
class BySchema<T> {
  readonly #byRecord = new Map<RecordName, Map<number, T>>()

  get(record: RecordName, id: number): T | undefined {
    return this.#byRecord.get(record)?.get(id)
  }

  set(record: RecordName, id: number, value: T): void {
    const byId = this.#byRecord.get(record) ?? new Map<number, T>()
    this.#byRecord.set(record, byId.set(id, value))
  }
}

/** The schema id in the header. */
const idIn = (b: Uint8Array): number =>
  (((b[1] as number) << 24) | ((b[2] as number) << 16) | ((b[3] as number) << 8) | (b[4] as number)) >>> 0

function read(record: RecordName, reader: Reader, buffer: Buffer): unknown {
  let decoded: ReturnType<Reader>
  try {
    decoded = reader(buffer, HEADER_BYTES)
  } catch (cause) {
    throw new Fault('UNDECODABLE_BODY', `The bytes are not a ${record}`, { cause })
  }
  // A truncated body has no end, a longer one leaves bytes behind.
  if (decoded.end !== buffer.length) {
    throw new Fault(
      'UNDECODABLE_BODY',
      `The bytes are not a whole ${record}: read ${decoded.end} of ${buffer.length}`,
    )
  }
  return decoded.value
}

const formats = new Map<RecordName, RecordFormat>()

/** How we write a record, and read what we wrote. */
function newestFormat(record: RecordName): RecordFormat {
  const format = formats.get(record) ?? formatOf(newestOf(record))
  formats.set(record, format)
  return format
}

/** Reads what was written under a schema into the newest version of a record. @throws Error where it is another record's. */
function readerFrom(record: RecordName, schema: object): Reader {
  const [newest, written] = [newestType(record), parseType(schema)]
  if (newest.equals(written)) return newestFormat(record).read
  const resolver = newest.createResolver(written)
  return (bytes, at) => {
    const { value, offset } = newest.decode(bytes, at, resolver)
    return { value, end: offset }
  }
}
