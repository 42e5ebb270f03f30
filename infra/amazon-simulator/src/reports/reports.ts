import { createHash } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { PERIODS_MS } from '../duration.ts'
import { type ProcessingStatus, type ReportRequest, type SimulatedReport, statusAt } from './report.ts'
import { type ReportSchedule, Schedules } from './schedules.ts'

/** Amazon keeps reports for 90 days. Source: Reports API 2021-06-30, getReports. */
const KEPT_MS = 90 * 86_400_000
const SEQUENCE = 10_000

/** What a list of reports is cut by; instants in milliseconds. */
export interface ReportFilter {
  readonly sellerId: string
  readonly reportTypes: readonly string[]
  readonly marketplaceIds?: readonly string[] | undefined
  readonly processingStatuses?: readonly string[] | undefined
  readonly createdSince?: number | undefined
  readonly createdUntil?: number | undefined
}

/** Makes a report that a schedule asks for. */
type MakeScheduled = (schedule: ReportSchedule, request: ReportRequest, at: number) => void

/** All reports, by id, and the schedules that make more of them. */
export class Reports {
  readonly all = new Map<string, SimulatedReport>()
  readonly schedules = new Schedules()
  readonly #clock: Clock
  readonly #makeScheduled: MakeScheduled
  #sequence = 0

  constructor(clock: Clock, makeScheduled: MakeScheduled) {
    this.#clock = clock
    this.#makeScheduled = makeScheduled
  }

  /** Fourteen digits: the second, and a running number, so that a restart repeats none. */
  newId(at: number): string {
    this.#sequence = (this.#sequence + 1) % SEQUENCE
    return String(Math.floor(at / 1000) * SEQUENCE + this.#sequence)
  }

  statusOf(report: SimulatedReport): ProcessingStatus {
    return statusAt(report, this.#clock.now())
  }

  find(sellerId: string, reportId: string): SimulatedReport | undefined {
    const report = this.all.get(reportId)
    return report?.sellerId === sellerId && !this.#isGone(report) ? report : undefined
  }

  ofSeller(sellerId: string): SimulatedReport[] {
    this.makeDue()
    return [...this.all.values()].filter((r) => r.sellerId === sellerId && !this.#isGone(r))
  }

  /** Newest first. */
  list(filter: ReportFilter): SimulatedReport[] {
    const { sellerId, reportTypes, marketplaceIds, processingStatuses, createdSince, createdUntil } = filter
    return this.ofSeller(sellerId)
      .filter((r) => reportTypes.includes(r.reportType))
      .filter((r) => !marketplaceIds || r.marketplaceIds.some((id) => marketplaceIds.includes(id)))
      .filter((r) => !processingStatuses || processingStatuses.includes(this.statusOf(r)))
      .filter((r) => r.createdAt >= (createdSince ?? 0) && r.createdAt <= (createdUntil ?? Infinity))
      .sort((a, b) => b.createdAt - a.createdAt || Number(b.reportId) - Number(a.reportId))
  }

  /** @returns False unless the report is IN_QUEUE. */
  cancel(report: SimulatedReport): boolean {
    if (this.statusOf(report) !== 'IN_QUEUE') return false
    report.outcome = 'CANCELLED'
    report.cause = 'cancelled-by-request'
    report.held = false
    return true
  }

  addSchedule(
    schedule: Pick<ReportSchedule, 'sellerId' | 'reportType' | 'marketplaceIds' | 'period'> & {
      nextAt?: number | undefined
    },
  ): string {
    const reportScheduleId = this.newId(this.#clock.now())
    const periodMs = PERIODS_MS[schedule.period] as number
    this.schedules.add({
      ...schedule,
      reportScheduleId,
      periodMs,
      nextAt: schedule.nextAt ?? this.#clock.now() + periodMs,
    })
    return reportScheduleId
  }

  /** Makes what the schedules ask for by now. */
  makeDue(): void {
    for (const { at, schedule, request } of this.schedules.takeDue(this.#clock.now())) {
      this.#makeScheduled(schedule, request, at)
    }
  }

  #isGone(report: SimulatedReport): boolean {
    return report.createdAt < this.#clock.now() - KEPT_MS
  }
}

/** The same report has the same document id in each run of a seed. */
export function documentIdOf(reportId: string, region: string): string {
  const hex = createHash('sha256').update(reportId).digest('hex')
  const uuid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)]
  return `amzn1.spdoc.1.4.${region}.${uuid.join('-')}.TDEMO`
}
