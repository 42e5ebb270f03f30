import { Fault } from '@backhaul/domain'
import { expect, test, vi } from 'vitest'
import { OrderWriter } from './order-writer.ts'

const outage = new Fault('KAFKA_TRANSACTION_UNCERTAIN', 'Kafka is away', { retryable: true })
const record = { key: '303-1|ch_1', order: null, sourceVersion: 1 }

/** A writer on a Kafka that a test takes down. */
function writerOn(kafka: { down: boolean }) {
  const waits = new Map<string, string>()
  const closed: number[] = []
  let opened = 0
  const client = {
    transactionalWriter: async () => {
      if (kafka.down) throw outage
      const number = ++opened
      return {
        transaction: async () => {
          if (kafka.down) throw outage
        },
        close: async () => void closed.push(number),
      }
    },
  }
  const stop = new AbortController()
  const waiting = {
    waits: {
      wait: (part: string, why: string) => void waits.set(part, why),
      ok: (part: string) => void waits.delete(part),
    },
    log: { warn() {} },
    signal: stop.signal,
  }
  const failures: unknown[] = []
  const writer = new OrderWriter(client as never, 'test', waiting, (error) => failures.push(error))
  return { writer, waits, closed, failures, stop }
}

test('after an error the writer is replaced in the background; until then calls are refused at once and /ready says why', async () => {
  const kafka = { down: false }
  const { writer, waits, closed, failures } = writerOn(kafka)
  await writer.open()
  await writer.write([record], 1)

  kafka.down = true
  await expect(writer.write([record], 2)).rejects.toBe(outage)
  await expect(writer.write([record], 3)).rejects.toMatchObject({
    code: 'KAFKA_UNAVAILABLE',
    retryable: true,
  })
  await vi.waitFor(() => expect(waits.get('kafka')).toBe('Kafka is away'))
  expect(closed).toEqual([1])

  kafka.down = false
  await vi.waitFor(() => writer.write([record], 4), { timeout: 5_000 })
  expect([...waits]).toEqual([])
  await writer.close()
  expect(closed).toEqual([1, 2])
  expect(failures).toEqual([])
})

test('a stop is obeyed while Kafka is down', async () => {
  const kafka = { down: false }
  const { writer, stop } = writerOn(kafka)
  await writer.open()
  kafka.down = true
  await expect(writer.write([record], 1)).rejects.toBe(outage)
  stop.abort()
  await writer.close()
})
