/** Numbers of the requests that faults are aimed at. Source: Kafka protocol guide, "API keys". */
export const API = {
  Produce: 0,
  Fetch: 1,
  ListOffsets: 2,
  Metadata: 3,
  OffsetFetch: 9,
  FindCoordinator: 10,
  JoinGroup: 11,
  Heartbeat: 12,
  SyncGroup: 14,
  InitProducerId: 22,
  AddPartitionsToTxn: 24,
  AddOffsetsToTxn: 25,
  EndTxn: 26,
  TxnOffsetCommit: 28,
} as const

export type ApiName = keyof typeof API

const LENGTH_BYTES = 4

/** Cuts a stream of Kafka's size-prefixed messages into whole ones, prefix included. */
export class Frames {
  #rest: Buffer = Buffer.alloc(0)

  /** @returns The messages that are whole now. */
  push(chunk: Buffer): Buffer[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const whole: Buffer[] = []
    while (this.#rest.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + this.#rest.readInt32BE(0)
      if (this.#rest.length < end) break
      whole.push(this.#rest.subarray(0, end))
      this.#rest = this.#rest.subarray(end)
    }
    return whole
  }
}

/** What the head of a request tells. */
export interface RequestHead {
  readonly apiKey: number
  readonly correlationId: number
  /** Of requests that begin with one; null for others. */
  readonly transactionalId: string | null
}

/** Versions that kafkajs speaks put the transactional id first. Source: Kafka protocol guide. */
const TRANSACTIONAL: readonly number[] = [
  API.InitProducerId,
  API.AddPartitionsToTxn,
  API.AddOffsetsToTxn,
  API.EndTxn,
  API.TxnOffsetCommit,
  API.Produce,
]

/** Reads the head of a whole request: size, api key, version, correlation id, client id, then its body. */
export function readHead(frame: Buffer): RequestHead {
  const apiKey = frame.readInt16BE(4)
  const correlationId = frame.readInt32BE(8)
  const clientIdBytes = Math.max(frame.readInt16BE(12), 0)
  const body = 14 + clientIdBytes
  return { apiKey, correlationId, transactionalId: TRANSACTIONAL.includes(apiKey) ? text(frame, body) : null }
}

function text(frame: Buffer, at: number): string | null {
  const length = frame.readInt16BE(at)
  return length < 0 ? null : frame.toString('utf8', at + 2, at + 2 + length)
}

/** Correlation id of a whole response. */
export const correlationOf = (frame: Buffer): number => frame.readInt32BE(4)

/** A whole response of a client's request. */
export function reply({ correlationId }: RequestHead, body: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.writeInt32BE(4 + body.length)
  head.writeInt32BE(correlationId, 4)
  return Buffer.concat([head, body])
}

/**
 * Puts other ports into brokers' addresses wherever a response names them: `127.0.0.1` as a string, then the port as an
 * int32, as Metadata and FindCoordinator have it.
 *
 * @param ports New ports by the old ones.
 */
export function withPorts(frame: Buffer, ports: ReadonlyMap<number, number>): Buffer {
  const host = Buffer.from('\x00\x09127.0.0.1', 'latin1')
  const changed = Buffer.from(frame)
  for (let at = changed.indexOf(host); at >= 0; at = changed.indexOf(host, at + host.length)) {
    const port = ports.get(changed.readInt32BE(at + host.length))
    if (port !== undefined) changed.writeInt32BE(port, at + host.length)
  }
  return changed
}
