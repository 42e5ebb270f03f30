import type { Seller } from '../sellers/sellers.ts'
import type { Simulation } from '../simulation.ts'
import type { Change } from './change.ts'

/** Applies a change to a running simulation, in which all sellers that it names must be. */
export function applyChange(simulation: Simulation, change: Change): void {
  const { clock, limits, rules, reportBook } = simulation
  const sellerOf = (sellerId: string | undefined): Seller =>
    sellerId === undefined ? simulation.sellers.first : (simulation.sellers.byId(sellerId) as Seller)

  if (change.clock) {
    const { now, speed, advance = 0 } = change.clock
    clock.set({ at: (now ?? clock.now()) + advance, ...(speed !== undefined && { speed }) })
  }
  if (change.limits) {
    limits.add(change.limits.plans)
    limits.rateHeader = change.limits.rateHeader ?? limits.rateHeader
    if (change.limits.time) limits.simulatedTime = change.limits.time === 'simulated'
  }
  rules.collisionMs = change.cancel?.collision ?? rules.collisionMs
  rules.repeatMs = change.cancel?.repeat ?? rules.repeatMs
  simulation.nextReports.push(...change.reports)
  simulation.faults.push(...change.faults)
  simulation.worldReturns = change.ownReturns ?? simulation.worldReturns
  simulation.extraColumns = change.extraColumns ?? simulation.extraColumns
  for (const { firstMs, ...schedule } of change.schedules) {
    const { sellerId } = sellerOf(schedule.sellerId)
    const nextAt = firstMs === undefined ? undefined : clock.now() + firstMs
    reportBook.addSchedule({ ...schedule, sellerId, nextAt })
  }
  for (const { sellerId, pastMs, ...report } of change.madeElsewhere) {
    const now = clock.now()
    const dataStartTime = new Date(now - pastMs).toISOString()
    const request = { ...report, dataStartTime, dataEndTime: new Date(now).toISOString() }
    simulation.createReport(request, { seller: sellerOf(sellerId), madeBy: 'another-program' })
  }
  for (const sellerId of change.revoke) simulation.revoke(sellerOf(sellerId))
  for (const sellerId of change.authorise) sellerOf(sellerId).revoked = false
  for (const { seller, names } of change.deny) sellerOf(seller).denied = names
  if (change.release) simulation.release()
  if (change.expire) simulation.expire(change.expire)
}
