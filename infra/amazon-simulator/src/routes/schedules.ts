import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { PERIODS_MS } from '../duration.ts'
import { marketplaceFault } from '../reports/check-request.ts'
import { REPORT_TYPES } from '../reports/report-types.ts'
import type { ReportSchedule } from '../reports/schedules.ts'
import type { Seller } from '../sellers/sellers.ts'
import type { Simulation } from '../simulation.ts'
import { amazonError } from './amazon-error.ts'
import { operationsOf } from './operation.ts'
import { amazonInstant } from './to-report.ts'

const BASE = '/reports/2021-06-30/schedules'

interface AskedSchedule {
  readonly reportType?: string
  readonly marketplaceIds?: readonly string[]
  readonly period?: string
  readonly nextReportCreationTime?: string
}

/** Reports 2021-06-30: schedules, by which Amazon makes reports by itself. */
export const schedules: FastifyPluginAsync<{ simulation: Simulation }> = async (http, { simulation }) => {
  const operation = operationsOf(simulation)
  const { reportBook } = simulation
  const idOf = (request: FastifyRequest) => (request.params as { id: string }).id

  http.post(
    BASE,
    operation('createReportSchedule', ({ seller, request, reply }) => {
      const asked = (request.body ?? {}) as AskedSchedule
      const fault = faultOf(asked, seller)
      if (fault) return amazonError(reply, 400, 'InvalidInput', fault)
      const { reportType, marketplaceIds, period, nextReportCreationTime: next } = asked
      const schedule = { reportType, marketplaceIds, period, sellerId: seller.sellerId } as ReportSchedule
      reply.code(201)
      return {
        reportScheduleId: reportBook.addSchedule({
          ...schedule,
          nextAt: next ? Date.parse(next) : undefined,
        }),
      }
    }),
  )

  http.get(
    BASE,
    operation('getReportSchedules', ({ seller, request, reply }) => {
      const types = (request.query as Record<string, string>).reportTypes?.split(',')
      if (!types) return amazonError(reply, 400, 'InvalidInput', 'reportTypes is required')
      reportBook.makeDue()
      const found = reportBook.schedules.of(seller.sellerId).filter((s) => types.includes(s.reportType))
      return { reportSchedules: found.map(toSchedule) }
    }),
  )

  http.get(
    `${BASE}/:id`,
    operation('getReportSchedule', ({ seller, request, reply }) => {
      reportBook.makeDue()
      const schedule = reportBook.schedules.find(seller.sellerId, idOf(request))
      return schedule ? toSchedule(schedule) : amazonError(reply, 404, 'NotFound', 'Schedule not found')
    }),
  )

  http.delete(
    `${BASE}/:id`,
    operation('cancelReportSchedule', ({ seller, request, reply }) => {
      const schedule = reportBook.schedules.find(seller.sellerId, idOf(request))
      if (!schedule) return amazonError(reply, 404, 'NotFound', 'Schedule not found')
      reportBook.schedules.remove(schedule.reportScheduleId)
      return ''
    }),
  )
}

function faultOf(
  { reportType, marketplaceIds, period, nextReportCreationTime }: AskedSchedule,
  seller: Seller,
): string | null {
  if (!reportType || !REPORT_TYPES[reportType]) return `Report type ${reportType} is not known`
  if (!period || !(period in PERIODS_MS))
    return `Period ${period} is not one of ${Object.keys(PERIODS_MS).join(', ')}`
  if (nextReportCreationTime && Number.isNaN(Date.parse(nextReportCreationTime)))
    return 'nextReportCreationTime must be ISO 8601'
  return marketplaceFault(marketplaceIds, seller)
}

const toSchedule = (schedule: ReportSchedule) => ({
  reportScheduleId: schedule.reportScheduleId,
  reportType: schedule.reportType,
  marketplaceIds: schedule.marketplaceIds,
  period: schedule.period,
  nextReportCreationTime: amazonInstant(schedule.nextAt),
})
