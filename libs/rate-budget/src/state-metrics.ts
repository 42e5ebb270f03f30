import type { Metrics } from '@backhaul/runtime'
import type { BudgetLine } from './view.ts'

/** Gauges of where the budget stands, read from Postgres at each scrape; the same from all instances. */
export function showState(metrics: Metrics, lines: () => Promise<BudgetLine[]>): void {
  let reading: Promise<void> | undefined
  /** One reading serves all gauges of a scrape. */
  const collect = () => {
    reading ??= read().finally(() => {
      reading = undefined
    })
    return reading
  }
  const gauge = (name: string, help: string) => metrics.gauge(name, help, ['operation', 'scope'], collect)
  const left = gauge('rate_budget_left_ratio', 'Share of a burst that is left, of the limit that has least')
  const waiting = gauge('rate_budget_waiting_calls', 'Calls that wait for their turn')
  const oldest = gauge('rate_budget_oldest_wait_seconds', 'How long the call waits that has waited longest')

  const read = async () => {
    for (const each of [left, waiting, oldest]) each.reset()
    // While Postgres is down there is nothing to show; the scrape goes on.
    const found = await lines().catch(() => [])
    for (const [key, of] of Map.groupBy(found, ({ operation, ...line }) => `${operation} ${scopeOf(line)}`)) {
      const [operation = '', scope = ''] = key.split(' ')
      left.set({ operation, scope }, Math.min(...of.map(({ tokensLeft, burst }) => tokensLeft / burst)))
      waiting.set(
        { operation, scope },
        of.reduce((sum, { waitingCalls }) => sum + waitingCalls, 0),
      )
      oldest.set({ operation, scope }, Math.max(...of.map(({ waitedMs }) => waitedMs)) / 1000)
    }
  }
}

const scopeOf = ({ sellerId, reportType }: Pick<BudgetLine, 'sellerId' | 'reportType'>) => {
  if (sellerId === null) return 'application'
  return reportType === null ? 'seller' : 'report_type'
}
