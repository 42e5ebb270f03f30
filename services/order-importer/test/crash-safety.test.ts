import { randomUUID } from 'node:crypto'
import { Fault } from '@backhaul/domain'
import type { TransactionalWriter } from '@backhaul/kafka'
import { actAs } from '@backhaul/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { OrderWriter } from '../src/adapters/order-writer.ts'
import { PublishedOrders } from '../src/adapters/published-orders.ts'
import { OrderPipeline } from '../src/pipeline.ts'
import { givenSalesOrder, toTakenOrder } from '../src/sales-order.ts'
import { freshReference, type ImporterUnderTest, importerUnderTest, orderOf } from './importer-under-test.ts'

let importer: ImporterUnderTest
let published: PublishedOrders
beforeAll(async () => {
  importer = await importerUnderTest()
  published = await PublishedOrders.open(importer.databaseUrl)
})
afterAll(async () => {
  await published.close()
  await importer.close()
})

type Transaction = TransactionalWriter<'order-importer'>['transaction']
const uncertain = new Fault('KAFKA_TRANSACTION_UNCERTAIN', 'the connection was lost', { retryable: true })

/** A pipeline whose first transaction fails: before it happened, or after, with the answer lost. */
async function pipelineThatFails(once: 'before' | 'after') {
  const kafka = await actAs('order-importer', importer.prefix)
  let failed = false
  const client = {
    async transactionalWriter(id: string) {
      const writer = await kafka.transactionalWriter(id)
      const transaction: Transaction = async (fill) => {
        const fails = !failed
        failed = true
        if (fails && once === 'before') throw uncertain
        await writer.transaction(fill)
        if (fails) throw uncertain
      }
      return { transaction, close: () => writer.close() }
    },
  }
  const waiting = {
    waits: { wait() {}, ok() {} },
    log: { warn() {} },
    signal: new AbortController().signal,
  }
  const writer = new OrderWriter(client as never, randomUUID(), waiting, (error) =>
    expect.unreachable(String(error)),
  )
  await writer.open()
  return { pipeline: new OrderPipeline(published, writer, Date.now), writer }
}

const taken = (reference: string, status: string, sourceVersion: number) => [
  toTakenOrder(givenSalesOrder.parse(orderOf(reference, { status, sourceVersion })), 'tenant-1'),
]
const statuses = async (reference: string) =>
  (await importer.written(reference)).map(({ order }) => order?.status ?? null)

test.each([
  ['before', ['paid']],
  ['after', ['paid', 'paid']],
] as const)(
  'a transaction that fails %s it happened: an older order stays out, the same one sent again is there',
  async (once, expected) => {
    const reference = freshReference()
    const { pipeline, writer } = await pipelineThatFails(once)
    await expect(pipeline.import('tenant-1', taken(reference, 'paid', 5))).rejects.toBe(uncertain)
    // Another caller, through another instance, meanwhile.
    const older = await importer.give(orderOf(reference, { status: 'new', sourceVersion: 4 }))
    expect(older.body).toEqual({ accepted: 0, unchanged: 0, stale: 1 })

    const again = await importer.give(orderOf(reference, { status: 'paid', sourceVersion: 5 }))
    expect(again.body.accepted).toBe(1)
    expect(await statuses(reference)).toEqual(expected)
    const third = await importer.give(orderOf(reference, { status: 'paid', sourceVersion: 5 }))
    expect(third.body.unchanged).toBe(1)
    await writer.close()
  },
)

test('a deletion whose answer was lost can be sent again', async () => {
  const reference = freshReference()
  await importer.give(orderOf(reference, { status: 'paid', sourceVersion: 5 }))
  const { pipeline, writer } = await pipelineThatFails('after')
  await expect(pipeline.delete('tenant-1', reference, 'ch_de')).rejects.toBe(uncertain)
  expect((await importer.delete(reference, 'ch_de')).status).toBe(204)
  expect((await importer.delete(reference, 'ch_de')).status).toBe(404)
  expect(await statuses(reference)).toEqual(['paid', null, null])
  await writer.close()
})

test('what an instance left open when it died is never read, and stops no other one', async () => {
  const reference = freshReference()
  const kafka = await actAs('order-importer', importer.prefix)
  const producer = kafka.client.producer({
    transactionalId: `${importer.prefix}dead-${randomUUID()}`,
    idempotent: true,
    maxInFlightRequests: 1,
    transactionTimeout: 5_000,
  })
  await producer.connect()
  const open = await producer.transaction()
  await open.send({
    topic: kafka.physical('sales-orders.v1'),
    messages: [{ key: `${reference}|ch_de`, value: Buffer.from('never committed') }],
  })
  // Dies here: neither commit nor abort. The order is sent again, to another instance.
  const { status, body } = await importer.give(orderOf(reference, { status: 'paid' }))
  expect([status, body.accepted]).toEqual([200, 1])
  await open.abort()
  await producer.disconnect()
  expect(await statuses(reference)).toEqual(['paid'])
})

test('I5: two instances that take the same orders at once never let an older one follow a newer one', async () => {
  const other = await importer.start()
  const references = Array.from({ length: 5 }, freshReference)
  const versions = Array.from({ length: 12 }, (_, n) => ((n * 7) % 12) + 1)
  const answers = await Promise.all(
    versions.map((sourceVersion, n) =>
      importer.give(
        references.map((reference) => orderOf(reference, { status: `at ${sourceVersion}`, sourceVersion })),
        n % 2 === 0 ? {} : { url: other.url },
      ),
    ),
  )
  expect(answers.map((a) => a.status)).toEqual(versions.map(() => 200))
  for (const reference of references) {
    const seen = (await importer.written(reference)).map(({ order }) => order?.sourceVersion as number)
    expect(seen).toEqual([...seen].sort((a, b) => a - b))
    expect(seen.at(-1)).toBe(12)
  }
  await other.stop()
})
