import { expect, test } from 'vitest'
import { HEADROOM_DAYS } from '../clock.ts'
import { demoSeller } from '../sellers/demo-seller.ts'
import { Simulation } from '../simulation.ts'
import { rowAt } from './return-row.ts'
import { ordersAt } from './sales-orders.ts'
import { worldOf as worldOfSeller } from './world.ts'

const DAY_MS = 86_400_000
const EPOCH = Date.parse('2026-06-15T00:00:00Z')
/** Where the simulated days stand when nobody moved them. */
const TODAY = EPOCH - HEADROOM_DAYS * DAY_MS

const worldOf = (seed: number, epoch: number) =>
  worldOfSeller(seed, epoch, { marketplaces: demoSeller.marketplaces, orders: 300 })
const returnsAt = (seed: number, now: number) =>
  worldOf(seed, EPOCH)
    .returns.map((r) => rowAt(r, now))
    .filter((row) => row !== null)

test.each([1, 2, 3, 4, 5])(
  'seed %i: about 300 orders and 120 returns in 60 days, in DE, FR and GB',
  (seed) => {
    const world = worldOf(seed, EPOCH)
    const orders = world.orders.filter((o) => o.orderedAt <= TODAY)
    const returns = world.returns.filter((r) => r.requestedAt <= TODAY)
    expect(Math.min(...orders.map((o) => o.orderedAt))).toBeGreaterThanOrEqual(TODAY - 60 * DAY_MS)
    expect(orders.length).toBeGreaterThan(270)
    expect(orders.length).toBeLessThan(330)
    expect(returns.length).toBeGreaterThan(90)
    expect(returns.length).toBeLessThan(150)
    for (const of of [orders, returns.map((r) => r.order)])
      expect(new Set(of.map((o) => o.marketplaceId))).toEqual(new Set(demoSeller.marketplaces))
  },
)

test('the same seed and epoch give the same data, another seed gives other data', () => {
  expect(worldOf(7, EPOCH)).toEqual(worldOf(7, EPOCH))
  expect(worldOf(8, EPOCH).orders[0]).not.toEqual(worldOf(7, EPOCH).orders[0])
})

test('as days pass, returns appear, get a tracking number, are delivered, refunded and closed, and never go back', () => {
  const changed = { seen: 0, tracked: 0, delivered: 0, refunded: 0, closed: 0 }
  const count = (now: number) => {
    const rows = returnsAt(1, now)
    const filled = (column: string) => rows.filter((r) => r[column]).length
    return {
      seen: rows.length,
      tracked: filled('Tracking ID'),
      delivered: filled('Return delivery date'),
      refunded: filled('Refunded Amount'),
      closed: rows.filter((r) => r['Return request status'] === 'Closed').length,
    }
  }
  let before = count(TODAY)
  for (let day = 1; day <= HEADROOM_DAYS; day++) {
    const after = count(TODAY + day * DAY_MS)
    for (const name of Object.keys(after) as (keyof typeof after)[]) {
      expect(after[name]).toBeGreaterThanOrEqual(before[name])
      changed[name] += after[name] - before[name]
    }
    before = after
  }
  for (const moved of Object.values(changed)) expect(moved).toBeGreaterThan(5)
})

test('some orders come to the shop a week after their return was asked for', () => {
  const world = worldOf(1, EPOCH)
  const late = world.returns.filter((r) => r.order.availableAt > r.requestedAt)
  expect(late.length).toBeGreaterThan(0)
  const known = (now: number) => new Set(ordersAt(world, now).map((o) => o.orderReference))
  for (const { order, requestedAt } of late) {
    expect(known(requestedAt)).not.toContain(order.orderId)
    expect(known(requestedAt + 7 * DAY_MS)).toContain(order.orderId)
  }
})

test('moving the clock changes what the next report says, and never passes real time', () => {
  const epoch = Math.floor(Date.now() / DAY_MS) * DAY_MS
  const simulation = new Simulation({ seed: 1, epoch, pace: { queueMs: 0, progressMs: 0 } })
  const report = () => {
    const id = simulation.createReport({
      reportType: 'GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE',
      marketplaceIds: [demoSeller.marketplaces[0]],
      dataStartTime: new Date(Date.now() - 60 * DAY_MS).toISOString(),
      dataEndTime: new Date().toISOString(),
    })
    return simulation.documents.get(simulation.reports.get(id)?.documentId ?? '')?.bytes.toString('hex')
  }
  const before = report()
  expect(report()).toBe(before)
  expect(simulation.clock.move(3)).toBe(true)
  expect(report()).not.toBe(before)
  expect(simulation.clock.move(HEADROOM_DAYS)).toBe(false)
  expect(simulation.clock.storyNow()).toBeLessThanOrEqual(Date.now())
})
