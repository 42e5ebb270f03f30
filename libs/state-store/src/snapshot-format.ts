import { endianness } from 'node:os'
import { Fault } from '@backhaul/domain'
import { crc32c } from '@node-rs/crc32'
import type { ErrorCode } from './errors.ts'

/** Which state a snapshot is of, and up to where. */
export interface SnapshotMeta {
  /** Version of what the application keeps in its values. */
  readonly stateVersion: number
  /** The topic that the state can be rebuilt from, as the cluster names it, and the offset to read on from. */
  readonly changelog: { readonly topic: string; readonly partition: number; readonly nextOffset: bigint }
  /** Next offset of each input, by topic. */
  readonly inputs: Readonly<Record<string, bigint>>
  /** Milliseconds since 1970, UTC: when the state was as it is in the snapshot. */
  readonly takenAtMs: number
}

/** What stands behind the slabs. */
export interface Contents {
  /** Place in the folder's series, as in the file's name. */
  readonly number: number
  readonly meta: SnapshotMeta
  readonly keys: number
  readonly slabBytes: number
  readonly slabs: readonly { readonly bytes: number; readonly crc32c: number }[]
}

/** A change of records, hash or contents is a new version; older snapshots are refused then, and rebuilt. */
const FORMAT_VERSION = 1
/** Slabs are written as they are in memory, in the machine's byte order. */
const BYTE_ORDER = endianness()

// The file's end: length of the contents, their CRC32C, eight letters.
const MAGIC = Buffer.from('BHSTATE\n', 'latin1')
export const TRAILER_BYTES = 8 + MAGIC.length

const NAME = /^(\d{10})\.snapshot$/
const TEMPORARY = /^\d{10}\.snapshot\.\w+\.tmp$/

export const fileName = (number: number): string => `${String(number).padStart(10, '0')}.snapshot`
export const temporaryName = (number: number, unique: string): string => `${fileName(number)}.${unique}.tmp`
export const isTemporary = (name: string): boolean => TEMPORARY.test(name)

/** Numbers of the snapshots among these names, newest first. */
export function numbersOf(names: readonly string[]): number[] {
  return names
    .map((name) => NAME.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => b - a)
}

/** The end of a snapshot file: contents as JSON, then the trailer that finds and checks them. */
export function encodeContents(contents: Contents): Buffer {
  const json = Buffer.from(
    JSON.stringify({ formatVersion: FORMAT_VERSION, byteOrder: BYTE_ORDER, ...contents }, (_, value) =>
      typeof value === 'bigint' ? String(value) : value,
    ),
  )
  const trailer = Buffer.alloc(TRAILER_BYTES)
  trailer.writeUInt32LE(json.length, 0)
  trailer.writeUInt32LE(crc32c(json), 4)
  MAGIC.copy(trailer, 8)
  return Buffer.concat([json, trailer])
}

/** @throws Fault `SNAPSHOT_CORRUPT`. */
export function contentsLength(trailer: Buffer): number {
  if (trailer.length < TRAILER_BYTES || !trailer.subarray(8).equals(MAGIC)) {
    throw corrupt('it does not end as a snapshot ends: it is cut short or something else')
  }
  return trailer.readUInt32LE(0)
}

/** @throws Fault `SNAPSHOT_CORRUPT` or `SNAPSHOT_OF_OTHER_VERSION`. */
export function decodeContents(json: Buffer, trailer: Buffer): Contents {
  if (crc32c(json) !== trailer.readUInt32LE(4)) throw corrupt('it has contents that fail their CRC32C')
  const stored = JSON.parse(json.toString())
  const { formatVersion, byteOrder } = stored
  if (formatVersion !== FORMAT_VERSION || byteOrder !== BYTE_ORDER) {
    throw new Fault(
      'SNAPSHOT_OF_OTHER_VERSION' satisfies ErrorCode,
      `it has format ${formatVersion} ${byteOrder}, this program reads ${FORMAT_VERSION} ${BYTE_ORDER}`,
    )
  }
  const { changelog, inputs } = stored.meta
  const meta: SnapshotMeta = {
    ...stored.meta,
    changelog: { ...changelog, nextOffset: BigInt(changelog.nextOffset) },
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([topic, next]) => [topic, BigInt(next as string)]),
    ),
  }
  return { ...stored, meta }
}

/** @param what What was found, as a sentence about "it". */
export function corrupt(what: string): Fault {
  return new Fault('SNAPSHOT_CORRUPT' satisfies ErrorCode, what)
}
