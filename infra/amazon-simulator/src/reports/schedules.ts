import type { ReportRequest } from './report.ts'

/** A report that Amazon makes by itself, again and again. */
export interface ReportSchedule {
  readonly reportScheduleId: string
  readonly sellerId: string
  readonly reportType: string
  readonly marketplaceIds: readonly string[]
  readonly period: string
  readonly periodMs: number
  nextAt: number
}

/** What a schedule makes: the last 30 days before the moment. The window of real ones is not documented. */
const WINDOW_MS = 30 * 86_400_000

/** Schedules by id; a new one with the same seller, type and marketplaces takes the place of the old one. */
export class Schedules {
  readonly #byId = new Map<string, ReportSchedule>()

  add(schedule: ReportSchedule): void {
    const kindOf = (s: ReportSchedule) =>
      JSON.stringify([s.sellerId, s.reportType, [...s.marketplaceIds].sort()])
    for (const other of this.#byId.values()) {
      if (kindOf(other) === kindOf(schedule)) this.#byId.delete(other.reportScheduleId)
    }
    this.#byId.set(schedule.reportScheduleId, schedule)
  }

  of(sellerId: string): ReportSchedule[] {
    return [...this.#byId.values()].filter((schedule) => schedule.sellerId === sellerId)
  }

  find(sellerId: string, reportScheduleId: string): ReportSchedule | undefined {
    return this.of(sellerId).find((schedule) => schedule.reportScheduleId === reportScheduleId)
  }

  remove(reportScheduleId: string): void {
    this.#byId.delete(reportScheduleId)
  }

  clear(): void {
    this.#byId.clear()
  }

  /** Takes the moments that have come, oldest first, with the report that each asks for. */
  takeDue(now: number): { at: number; schedule: ReportSchedule; request: ReportRequest }[] {
    const due: { at: number; schedule: ReportSchedule; request: ReportRequest }[] = []
    for (const schedule of this.#byId.values()) {
      for (; schedule.nextAt <= now; schedule.nextAt += schedule.periodMs) {
        due.push({ at: schedule.nextAt, schedule, request: requestOf(schedule) })
      }
    }
    return due.sort((a, b) => a.at - b.at)
  }
}

const requestOf = ({ reportType, marketplaceIds, nextAt }: ReportSchedule): ReportRequest => ({
  reportType,
  marketplaceIds,
  dataStartTime: new Date(nextAt - WINDOW_MS).toISOString(),
  dataEndTime: new Date(nextAt).toISOString(),
})
