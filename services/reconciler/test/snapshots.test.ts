import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ReturnOrder } from '@backhaul/domain'
import { returnRow, salesOrder } from '@backhaul/domain/builders'
import { actAs, eventually } from '@backhaul/testing'
import { afterEach, expect, test, vi } from 'vitest'
import { type ReconcilerUnderTest, reconcilerUnderTest } from './reconciler-under-test.ts'

const opened: ReconcilerUnderTest[] = []
const folders: string[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((r) => r.close()))
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })))
})

async function withSnapshots() {
  const reconciler = await reconcilerUnderTest()
  opened.push(reconciler)
  const folder = await mkdtemp(join(tmpdir(), 'backhaul-snapshots-'))
  folders.push(folder)
  const environment: Record<string, string> = { ...reconciler.environment, STATE_FOLDER: folder }
  return { reconciler, folder, environment }
}

const reference = (n: number) => `303-0000000-${String(n).padStart(7, '0')}`
const REFERENCES = Array.from({ length: 12 }, (_, n) => reference(n))
const rowsOf = (status: string, observedAt = 0) =>
  REFERENCES.map((orderReference) =>
    returnRow({
      orderReference,
      rowId: `row-${orderReference}`,
      returnId: `return-${orderReference}`,
      returnRequestStatus: status,
      observedAt: returnRow().observedAt + observedAt,
    }),
  )
const orders = REFERENCES.slice(0, 8).map((orderReference) => salesOrder({ orderReference }))

/** A number of a service's metrics. */
async function metric(url: string, name: string, label: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const line = text.split('\n').find((one) => one.startsWith(`${name}{`) && one.includes(label))
  return Number(line?.split(' ').at(-1) ?? 0)
}
const restoredFrom = (url: string, from: string) =>
  metric(url, 'reconciler_restore_seconds_count', `from="${from}"`)
const refused = (url: string) => metric(url, 'reconciler_snapshots_total', 'outcome="refused"')

/** Every return ends with its versions 1, 2, 3 … each once, and in this status. */
function expectWhole(events: readonly ReturnOrder[], amazonStatus: string): void {
  const versions = Map.groupBy(events, ({ returnOrderId }) => returnOrderId)
  expect(versions.size).toBe(REFERENCES.length)
  for (const of of versions.values()) {
    expect(of.map(({ version }) => version)).toEqual(of.map((_, n) => n + 1))
    expect(of.at(-1)).toMatchObject({ amazonStatus })
  }
}

const files = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.snapshot'))
    .map((name) => join(folder, name))

/** Says all once, stops, and so leaves snapshots behind. */
async function runOnce({ reconciler, environment }: Awaited<ReturnType<typeof withSnapshots>>) {
  const first = await reconciler.start({ environment })
  await reconciler.writeOrders(orders)
  await reconciler.writeRows(rowsOf('Approved'))
  await reconciler.caughtUp()
  await first.stop()
  return reconciler.events()
}

test('R15, R20, S5: a stop leaves snapshots, a start reads them and only the rest from Kafka, and says nothing again', async () => {
  const run = await withSnapshots()
  const { reconciler, environment } = run
  const before = await runOnce(run)
  expect(files(run.folder).length).toBeGreaterThanOrEqual(3)
  await reconciler.writeRows(rowsOf('Closed', 1))

  const second = await reconciler.start({ environment })
  await reconciler.caughtUp()
  expect(await restoredFrom(second.url, 'snapshot')).toBe(files(run.folder).length)
  expect(await refused(second.url)).toBe(0)
  const after = await reconciler.events()
  expect(after).toHaveLength(before.length + REFERENCES.length)
  expectWhole(after, 'Closed')
})

test('R15, S6: a damaged snapshot is told, not used, and the state comes from Kafka', async () => {
  const run = await withSnapshots()
  const { reconciler, environment } = run
  const before = await runOnce(run)
  for (const file of files(run.folder)) {
    const bytes = readFileSync(file)
    bytes[40] = (bytes[40] as number) ^ 1
    writeFileSync(file, bytes)
  }
  await reconciler.writeRows([...rowsOf('Approved'), ...rowsOf('Closed', 1)])
  const second = await reconciler.start({ environment })
  await reconciler.caughtUp()
  expect(await refused(second.url)).toBeGreaterThanOrEqual(3)
  expect(await restoredFrom(second.url, 'snapshot')).toBe(0)
  const after = await reconciler.events()
  expect(after).toHaveLength(before.length + REFERENCES.length)
  expectWhole(after, 'Closed')
})

test('R14, R15, C20: a snapshot ahead of offsets that were set back is not used, and the service stops as without it', async () => {
  const run = await withSnapshots()
  const { reconciler, environment } = run
  await runOnce(run)
  const kafka = await actAs('reconciler', environment.TOPIC_PREFIX as string)
  const admin = kafka.client.admin()
  await admin.connect()
  await admin.setOffsets({
    groupId: kafka.group,
    topic: kafka.physical('amazon-return-rows.v1'),
    partitions: [0, 1, 2, 3].map((partition) => ({ partition, offset: '0' })),
  })
  await admin.disconnect()
  const onFailure = vi.fn()
  await reconciler.start({ environment, onFailure })
  await eventually(() =>
    expect(onFailure).toHaveBeenCalledWith(expect.objectContaining({ code: 'CHANGELOG_AHEAD' })),
  )
})

test('R16: an order that was deleted while nothing ran stays deleted, whatever the snapshot holds', async () => {
  const run = await withSnapshots()
  const { reconciler, environment } = run
  await runOnce(run)
  await reconciler.writeOrders(orders.map((order) => `${order.orderReference}|${order.channelId}`))
  await reconciler.start({ environment })
  await reconciler.caughtUp()
  const last = new Map((await reconciler.events()).map((event) => [event.returnOrderId, event]))
  expect([...last.values()].map(({ link }) => link.status)).toEqual(REFERENCES.map(() => 'WAITING'))
})

test('R17: a standby has the state at hand when it takes over', async () => {
  const { reconciler, environment } = await withSnapshots()
  const { STATE_FOLDER: _, ...plain } = environment
  const owner = await reconciler.start({ environment: plain })
  await reconciler.writeOrders(orders)
  await reconciler.writeRows(rowsOf('Approved'))
  await reconciler.caughtUp()
  const before = await reconciler.events()
  const standby = await reconciler.start({ environment: { ...plain, STANDBY: 'true' } })
  await reconciler.writeRows(rowsOf('Closed', 1))
  await reconciler.caughtUp()
  await owner.stop()
  await reconciler.writeRows(rowsOf('Denied', 2))
  await reconciler.caughtUp()

  expect(await restoredFrom(standby.url, 'standby')).toBeGreaterThanOrEqual(1)
  const after = await reconciler.events()
  expect(after).toHaveLength(before.length + 2 * REFERENCES.length)
  expectWhole(after, 'Denied')
})
