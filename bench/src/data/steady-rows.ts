import { setTimeout as sleep } from 'node:timers/promises'
import { returnRow } from '@backhaul/domain/builders'
import type { KafkaClient } from '@backhaul/kafka'
import type { InputEncoder } from './input-record.ts'

const TICK_MS = 10

/**
 * Writes rows at a steady rate, each of an order and a return of its own and each with the time of its writing. A tick that
 * comes late is made up, so that a slow answer of the broker does not hide in a lower rate.
 */
export async function writeSteadily(
  kafka: KafkaClient<'reconciler'>,
  encoder: InputEncoder,
  rows: number,
  rowsPerSecond: number,
): Promise<void> {
  const producer = kafka.client.producer({ allowAutoTopicCreation: false })
  await producer.connect()
  const topic = kafka.physical('amazon-return-rows.v1')
  const began = performance.now()
  const sending: Promise<unknown>[] = []
  for (let written = 0; written < rows; ) {
    const due = Math.min(rows, Math.floor(((performance.now() - began) / 1_000) * rowsPerSecond))
    if (due > written) {
      const now = Date.now()
      const messages = Array.from({ length: due - written }, (_, n) => {
        const { key, value, partition } = encoder.row(rowOf(written + n), now)
        return { key, value, partition, timestamp: String(now) }
      })
      sending.push(producer.send({ topic, messages }))
      written = due
    }
    await sleep(TICK_MS)
  }
  await Promise.all(sending)
  await producer.disconnect()
}

function rowOf(row: number) {
  const number = String(row).padStart(7, '0')
  return returnRow({
    rowId: `row-${number}`,
    returnId: `return-${number}`,
    orderReference: `303-0000000-${number}`,
  })
}
