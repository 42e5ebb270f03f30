import {
  type AmazonReturnRow,
  observeOrder,
  observeRow,
  type ReturnOrder,
  type RowFacts,
  reconcile,
  type SalesOrder,
} from '@backhaul/domain'
import { orderItem, returnRow, salesOrder } from '@backhaul/domain/builders'
import { actAs, eventually } from '@backhaul/testing'
import { afterEach, expect, test, vi } from 'vitest'
import { importConfig } from './config-stub.ts'
import { type ReconcilerUnderTest, reconcilerUnderTest } from './reconciler-under-test.ts'
import { type ServiceProcess, spawnService } from './service-process.ts'

const opened: ReconcilerUnderTest[] = []
const processes: ServiceProcess[] = []
afterEach(async () => {
  await Promise.all(processes.splice(0).map((p) => p.end('SIGKILL')))
  await Promise.all(opened.splice(0).map((r) => r.close()))
})
async function freshReconciler(): Promise<ReconcilerUnderTest> {
  const reconciler = await reconcilerUnderTest()
  opened.push(reconciler)
  return reconciler
}

const DAY_MS = 86_400_000
const at = (days: number) => ({
  observedAt: returnRow().observedAt + days * DAY_MS,
  fetchedAt: returnRow().fetchedAt + days * DAY_MS,
})

interface Inputs {
  readonly rows: AmazonReturnRow[]
  readonly orders: SalesOrder[]
}

/** The n-th order with two returns: each is read three times, changed twice; the order comes, and is changed once. */
function inputsOf(n: number): Inputs {
  const orderReference = `303-0000000-${String(n).padStart(7, '0')}`
  const components = n % 3 === 0 ? [{ sku: 'PART', variationId: 'variation-part', quantity: 2 }] : []
  const items = [orderItem({ quantity: 2, components })]
  const rows = [1, 2].flatMap((m) =>
    ['Approved', 'Approved', 'Closed'].map((returnRequestStatus, day) =>
      returnRow({
        orderReference,
        rowId: `row-${n}-${m}`,
        returnId: `return-${n}-${m}`,
        amazonRmaId: `RMA-${n}-${m}`,
        returnRequestStatus,
        trackingId: day === 0 ? null : `TRACK-${n}-${m}`,
        orderQuantity: '2',
        ...at(day),
      }),
    ),
  )
  const orders = [1, 2].map((sourceVersion) =>
    salesOrder({
      orderReference,
      salesOrderId: `order-${n}`,
      sourceVersion,
      items,
      shipToCountry: sourceVersion === 1 ? null : 'DE',
    }),
  )
  return { rows, orders: n % 5 === 0 ? [] : orders }
}

/** What tells how a version came to be is no part of what a return is. */
function content({
  generation,
  version,
  changes,
  changedAt,
  firstImportedAt,
  provenance,
  configVersion,
  ...rest
}: ReturnOrder) {
  return rest
}

/** What all inputs come to, computed at once. */
function oracle(inputs: readonly Inputs[]): Map<string, object> {
  const config = importConfig(1)
  const returns = new Map<string, object>()
  for (const { rows, orders } of inputs) {
    const known = new Map<string, RowFacts>()
    for (const row of rows) {
      const seen = observeRow(known.get(row.rowId), row, config)
      if (seen !== 'stale') known.set(row.rowId, seen)
    }
    const order = orders.reduce<SalesOrder | undefined>((before, next) => {
      const seen = observeOrder(before, next)
      return seen === 'stale' ? before : seen
    }, undefined)
    const facts = { rows: [...known.values()], salesOrders: order ? [order] : [] }
    for (const one of reconcile(facts, () => config, { generation: 1, changedAt: 0 })) {
      returns.set(one.returnOrderId, content(one))
    }
  }
  return returns
}

/** Wants versions 1, 2, 3 … of each return in the order of the log, each once; gives the last of each. */
function lastOfEach(events: readonly ReturnOrder[]): Map<string, ReturnOrder> {
  const last = new Map<string, ReturnOrder>()
  for (const event of events) {
    expect(event.version).toBe((last.get(event.returnOrderId)?.version ?? 0) + 1)
    last.set(event.returnOrderId, event)
  }
  return last
}

const ORDERS = 84
const WAVES = 6

/** Two readings of a third of the rows and their orders, later the third reading and the changed orders. */
async function writeWave(
  reconciler: ReconcilerUnderTest,
  inputs: readonly Inputs[],
  wave: number,
): Promise<void> {
  const early = wave < WAVES / 2
  for (const { rows, orders } of inputs.filter((_, n) => n % 3 === wave % 3)) {
    await reconciler.writeRows(rows.filter((_, n) => (n % 3 === 2) !== early))
    const order = orders[early ? 0 : 1]
    if (order) await reconciler.writeOrders([order])
  }
}

test('R1, R2, R11, I1, I2, I4, I5: killed again and again amid 500 rows, it ends as the oracle, each version once', {
  timeout: 180_000,
}, async () => {
  const reconciler = await freshReconciler()
  const inputs = Array.from({ length: ORDERS }, (_, n) => inputsOf(n + 1))
  const rows = inputs.flatMap((i) => i.rows)
  expect(rows.length).toBeGreaterThanOrEqual(500)

  let process = await spawnService(reconciler.environment)
  processes.push(process)
  let seen = 0
  for (let wave = 0; wave < WAVES; wave++) {
    const writing = writeWave(reconciler, inputs, wave)
    if (wave % 2 === 1) {
      // Killed as soon as it has said something new, while the rest of the wave is still being written and read.
      await eventually(async () => expect((await reconciler.events()).length).toBeGreaterThan(seen))
      expect(await process.end('SIGKILL')).toBe('SIGKILL')
      process = await spawnService(reconciler.environment)
      processes.push(process)
    }
    await writing
    seen = (await reconciler.events()).length
  }
  await reconciler.caughtUp()

  const last = lastOfEach(await reconciler.events())
  const expected = oracle(inputs)
  expect(last.size).toBe(expected.size)
  for (const [id, event] of last) expect(content(event)).toEqual(expected.get(id))
  expect(await reconciler.deadLetters()).toEqual([])
})

test('R2, R13, I5, A1: a restart in mid-stream restores what was said, says nothing again, and goes on with the next version', async () => {
  const reconciler = await freshReconciler()
  const { rows, orders } = inputsOf(3)
  const first = await reconciler.start()
  await reconciler.writeRows(rows.filter((_, n) => n % 3 === 0))
  await reconciler.writeOrders(orders)
  await reconciler.caughtUp()
  const before = await reconciler.events()
  await first.stop()

  const second = await reconciler.start()
  await reconciler.writeRows(rows.filter((_, n) => n % 3 === 0))
  await reconciler.writeOrders(orders.slice(1))
  await reconciler.caughtUp()
  expect(await reconciler.events()).toEqual(before)
  await reconciler.writeRows(rows.filter((_, n) => n % 3 === 2))
  await reconciler.caughtUp()
  const last = lastOfEach(await reconciler.events())
  const expected = oracle([{ rows, orders }])
  for (const [id, event] of last) {
    expect(content(event)).toEqual(expected.get(id))
    expect(event.version).toBeGreaterThan(before.findLast((e) => e.returnOrderId === id)?.version ?? 99)
  }
  await second.stop()

  // A tombstone that arrives while nothing runs, for an order that only its own topic remembers.
  await reconciler.writeOrders([`${orders[0]?.orderReference}|channel-de`])
  await reconciler.start()
  await reconciler.caughtUp()
  for (const event of lastOfEach(await reconciler.events()).values()) {
    expect(event.link).toMatchObject({ status: 'WAITING', reason: 'ORDER_MISSING' })
  }
})

const prefixOf = ({ environment }: ReconcilerUnderTest) => environment.TOPIC_PREFIX as string

test('R14, C20: state without committed offsets stops it with a clear message; nothing is read again', async () => {
  const reconciler = await freshReconciler()
  const first = await reconciler.start()
  await reconciler.writeRows(inputsOf(1).rows)
  await reconciler.caughtUp()
  const before = await reconciler.events()
  await first.stop()
  const { client, group } = await actAs('reconciler', prefixOf(reconciler))
  const admin = client.admin()
  await admin.connect()
  await admin.deleteGroups([group])
  await admin.disconnect()

  const onFailure = vi.fn()
  await reconciler.start({ onFailure })
  await eventually(() =>
    expect(onFailure).toHaveBeenCalledWith(
      expect.objectContaining({ code: 'OFFSETS_LOST', message: expect.stringContaining('Nothing was read') }),
    ),
  )
  expect(await reconciler.events()).toEqual(before)
})

test('R14, C20: offsets set back behind the state stop it with a clear message', async () => {
  const reconciler = await freshReconciler()
  const first = await reconciler.start()
  const { rows } = inputsOf(1)
  await reconciler.writeRows(rows)
  await reconciler.caughtUp()
  await first.stop()
  const kafka = await actAs('reconciler', prefixOf(reconciler))
  const admin = kafka.client.admin()
  await admin.connect()
  await admin.setOffsets({
    groupId: kafka.group,
    topic: kafka.physical('amazon-return-rows.v1'),
    partitions: [0, 1, 2, 3].map((partition) => ({ partition, offset: '0' })),
  })
  await admin.disconnect()

  const onFailure = vi.fn()
  await reconciler.start({ onFailure })
  await eventually(() =>
    expect(onFailure).toHaveBeenCalledWith(expect.objectContaining({ code: 'CHANGELOG_AHEAD' })),
  )
})

test('R19, C18: the registry down at start: /ready answers and says why; SIGTERM ends the process at once', async () => {
  const reconciler = await freshReconciler()
  const down = { SCHEMA_REGISTRY_URL: 'http://127.0.0.1:1' }
  const process = await spawnService({ ...reconciler.environment, ...down })
  processes.push(process)
  await eventually(async () => {
    const answer = await fetch(`${process.url}/ready`)
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({
      reasons: { 'schema registry': expect.stringContaining('http://127.0.0.1:1 does not answer') },
    })
  })
  expect(await process.end('SIGTERM')).toBe(0)
})

test('R20: SIGTERM finishes what is in flight, leaves the group and ends with 0', async () => {
  const reconciler = await freshReconciler()
  const process = await spawnService(reconciler.environment)
  processes.push(process)
  await reconciler.writeRows(inputsOf(1).rows)
  await reconciler.caughtUp()
  expect(await process.end('SIGTERM')).toBe(0)
})

test('R21: a second instance takes some partitions over; all goes on, each version once', async () => {
  const reconciler = await freshReconciler()
  const inputs = Array.from({ length: 12 }, (_, n) => inputsOf(n + 1))
  await reconciler.start()
  await writeWave(reconciler, inputs, 0)
  await reconciler.caughtUp()
  const second = await reconciler.start()
  await writeWave(reconciler, inputs, 1)
  await writeWave(reconciler, inputs, 3)
  await reconciler.caughtUp()
  await second.stop()
  await writeWave(reconciler, inputs, 4)
  await reconciler.caughtUp()
  const written = inputs.filter((_, n) => n % 3 !== 2)
  const last = lastOfEach(await reconciler.events())
  const expected = oracle(written)
  expect(last.size).toBe(expected.size)
  for (const [id, event] of last) expect(content(event)).toEqual(expected.get(id))
})
