import type { Fault } from '@backhaul/domain'
import { KafkaClient, type RunningConsumer, type RunningProcessor } from '@backhaul/kafka'
import { actAs, eventually, freshTopics } from '@backhaul/testing'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const ORDERS = 'sales-orders.v1'
const RETURNS = 'return-orders.v1'
const BAD_RECORDS = 1_200

let prefix: string
let running: RunningProcessor | RunningConsumer | undefined

beforeEach(async () => {
  prefix = (await freshTopics()).prefix
})

afterEach(async () => {
  await running?.stop()
  running = undefined
})

/** A client that acts as a service, with a limit of its own. */
async function limited<S extends 'reconciler' | 'postgres-sink'>(service: S, limit: number) {
  const { options } = await actAs(service, prefix)
  return new KafkaClient<S>({
    ...options,
    settings: { ...options.settings, DEAD_LETTER_SHARE_LIMIT: limit },
  })
}

async function writeBadRecords(topic: string): Promise<void> {
  const producer = (await actAs('reconciler', prefix)).client.producer()
  await producer.connect()
  const messages = Array.from({ length: BAD_RECORDS }, () => ({
    key: 'a key',
    value: 'not Avro',
    partition: 0,
  }))
  await producer.send({ topic, messages })
  await producer.disconnect()
}

/** Sends all that it reads to the dead letters, in the transaction. */
async function startProcessor(limit: number, fail: (error: unknown) => void) {
  const kafka = await limited('reconciler', limit)
  running = await kafka.process({
    inputs: ['amazon-return-rows.v1', ORDERS],
    changelog: 'reconciler.order-state.v1',
    create: () => ({
      async restore() {},
      async apply(records, outbox) {
        for (const record of records) {
          const headers = kafka.deadLetterHeaders(record, record.undecodable as Fault, 'reconcile')
          outbox.writeRaw('dead-letters.reconciler.v1', { value: record.raw.value, headers })
        }
      },
      merge() {},
      drop() {},
    }),
    fail,
  })
  return kafka
}

/** Sends all that it reads to the dead letters; its positions are those in Kafka. */
async function startSink(limit: number, fail: (error: unknown) => void) {
  const kafka = await limited('postgres-sink', limit)
  running = await kafka.consume({
    topics: [RETURNS],
    open: async ({ partition }) =>
      (await kafka.committed([RETURNS])).find((c) => c.partition === partition)?.offset ?? null,
    async process({ records, nextOffset }, commit) {
      await kafka.deadLetter('dead-letters.postgres-sink.v1', records, 'read-return')
      await commit(nextOffset)
    },
    fail,
  })
  return kafka
}

const offsetOf = async (
  kafka: Pick<KafkaClient<'reconciler'>, 'committed'>,
  topic: typeof ORDERS | typeof RETURNS,
) => (await kafka.committed([topic])).find((c) => c.partition === 0)?.offset

test.each([
  ['a processor', ORDERS, 'reconcile', startProcessor],
  ['a sink', RETURNS, 'read-return', startSink],
] as const)(
  '%s whose records are bad in the mass stops; with the limit raised it goes on',
  async (_, topic, step, start) => {
    await writeBadRecords(`${prefix}${topic}`)
    const fail = vi.fn()
    await start(0.01, fail)
    await eventually(() => expect(fail).toHaveBeenCalled())
    await running?.stop()
    const [fault] = fail.mock.calls[0] as [Fault]
    expect(fault).toMatchObject({ code: 'DEAD_LETTER_SHARE', retryable: false })
    expect(fault.message).toMatch(
      new RegExp(
        `records went to the dead letters: 100 %.*UNDECODABLE_FRAME in step ${step}.*DEAD_LETTER_SHARE_LIMIT`,
      ),
    )

    const again = await start(1, (error) => expect.unreachable(String(error)))
    await eventually(async () =>
      expect(await offsetOf(again as never, topic)).toBeGreaterThanOrEqual(BigInt(BAD_RECORDS)),
    )
  },
)
