import { randomBytes } from 'node:crypto'
import type { Message } from 'kafkajs'
import type { Sample } from '../bench.ts'

/** How a producer is measured. */
export interface ProduceTask {
  readonly brokers: string
  readonly registry: string
  readonly prefix: string
  readonly records: number
}

export const RECORDS_PER_SEND = 1_000
const VALUE_BYTES = 500

/** Sends before the clock runs, as a share of all. */
const WARM_UP = 0.2

/** The records of one send, over the four partitions: a row's key, and a value of a row's size that is not all alike. */
export function oneSend(): Message[] {
  const noise = randomBytes(VALUE_BYTES / 2).toString('hex')
  return Array.from({ length: RECORDS_PER_SEND }, (_, n) => ({
    key: `303-0000000-${String(n).padStart(7, '0')}`,
    value: Buffer.from(`${n}:${noise}`.slice(0, VALUE_BYTES)),
    partition: n % 4,
    timestamp: '1785542400000',
  }))
}

/** Sends one after the other; the time of the warm-up does not count. */
export async function measureSends(
  records: number,
  send: (messages: Message[]) => Promise<unknown>,
): Promise<Sample> {
  const sends = Math.ceil(records / RECORDS_PER_SEND)
  const messages = oneSend()
  for (let n = 0; n < sends * WARM_UP; n++) await send(messages)
  const began = performance.now()
  for (let n = 0; n < sends; n++) await send(messages)
  const seconds = (performance.now() - began) / 1_000
  return { recordsPerSecond: (sends * RECORDS_PER_SEND) / seconds, seconds }
}
