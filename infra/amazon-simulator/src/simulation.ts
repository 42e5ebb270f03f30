import { randomUUID } from 'node:crypto'
import { Clock } from './clock.ts'
import { COLUMNS, renderReport, type StoredDocument, storeReport } from './document.ts'
import { amazonDay, type ReportRow, rowAt, type World, worldOf } from './world.ts'

const DOCUMENT_ADDRESS_MS = 5 * 60_000
const GB = 'A1F83G8C2ARO7P'

/** A report that was asked for. */
export interface SimulatedReport {
  readonly reportId: string
  readonly reportType: string
  readonly marketplaceIds: readonly string[]
  readonly dataStartTime: string
  readonly dataEndTime: string
  readonly createdAt: number
  outcome: 'DONE' | 'CANCELLED' | 'FATAL'
  held: boolean
  documentId: string | null
}

/** How the next answers of an operation go wrong. */
export type FaultKind = 'throttle' | 'failure' | 'html' | 'cut-before' | 'cut-after'

/** A call that was received; bodies hold no secrets. */
export interface ReceivedCall {
  readonly at: string
  readonly operation: string
  readonly body?: unknown
}

/** How long a report stays in each state, in real milliseconds. */
export interface Pace {
  readonly queueMs: number
  readonly progressMs: number
}

/** Everything that the simulator knows and that `/_control` can change. */
export class Simulation {
  readonly clock: Clock
  readonly world: World
  readonly pace: Pace
  readonly reports = new Map<string, SimulatedReport>()
  readonly documents = new Map<string, StoredDocument>()
  readonly addresses = new Map<string, { documentId: string; until: number }>()
  readonly accessTokens = new Map<string, number>()
  calls: ReceivedCall[] = []
  revoked = false
  /** Rows given by a test, in front of the world's; by marketplace. */
  givenRows = new Map<string, ReportRow[]>()
  /** Whole documents for the next reports of a marketplace. */
  givenDocuments = new Map<string, StoredDocument[]>()
  /** Columns that every document gets, with their value. */
  extraColumns: Record<string, string> = {}
  faults: { operation: string; kind: FaultKind; left: number }[] = []
  nextReports: { marketplaceId: string; outcome: SimulatedReport['outcome']; hold: boolean }[] = []
  /** False leaves the world's returns out of the reports: only what was given is in them. */
  worldReturns = true

  constructor(seed: number, epoch: number, pace: Pace, clock = new Clock()) {
    this.clock = clock
    this.world = worldOf(seed, epoch)
    this.pace = pace
  }

  /** Forgets all that tests gave, and all calls. Reports that exist stay. */
  reset(): void {
    this.clock.reset()
    this.calls = []
    this.revoked = false
    this.givenRows = new Map()
    this.givenDocuments = new Map()
    this.extraColumns = {}
    this.faults = []
    this.nextReports = []
    this.worldReturns = true
  }

  /** Takes the fault that the next answer of an operation should have. */
  takeFault(operation: string): FaultKind | null {
    const fault = this.faults.find((f) => f.operation === operation && f.left > 0)
    if (!fault) return null
    fault.left -= 1
    return fault.kind
  }

  createReport(
    request: Pick<SimulatedReport, 'reportType' | 'marketplaceIds' | 'dataStartTime' | 'dataEndTime'>,
  ): string {
    const reportId = String(50_000_000_000 + this.reports.size + Math.floor(Math.random() * 1e9))
    const marketplaceId = request.marketplaceIds[0] as string
    const planned = this.nextReports.findIndex((n) => n.marketplaceId === marketplaceId)
    const [plan] = planned < 0 ? [] : this.nextReports.splice(planned, 1)
    const document = plan?.outcome === 'FATAL' ? fatalDocument() : this.#documentOf(marketplaceId, request)
    const documentId = document && `amzn1.spdoc.1.4.eu.${randomUUID()}.TDEMO`
    if (document && documentId) this.documents.set(documentId, document)
    this.reports.set(reportId, {
      ...request,
      reportId,
      createdAt: Date.now(),
      outcome: plan?.outcome ?? (document ? 'DONE' : 'CANCELLED'),
      held: plan?.hold ?? false,
      documentId,
    })
    return reportId
  }

  /** Where a report stands now. */
  statusOf(report: SimulatedReport): 'IN_QUEUE' | 'IN_PROGRESS' | SimulatedReport['outcome'] {
    const age = Date.now() - report.createdAt
    if (report.held || age < this.pace.queueMs) return 'IN_QUEUE'
    return age < this.pace.queueMs + this.pace.progressMs ? 'IN_PROGRESS' : report.outcome
  }

  /** A path that leads to a document for five minutes. */
  addressOf(documentId: string): string {
    const key = randomUUID()
    this.addresses.set(key, { documentId, until: Date.now() + DOCUMENT_ADDRESS_MS })
    return `/documents/${key}`
  }

  #documentOf(
    marketplaceId: string,
    { dataStartTime, dataEndTime }: { dataStartTime: string; dataEndTime: string },
  ): StoredDocument | null {
    const given = this.givenDocuments.get(marketplaceId)?.shift()
    if (given) return given
    const days = daysOf(Date.parse(dataStartTime), Date.parse(dataEndTime))
    const now = this.clock.now()
    const world = this.worldReturns
      ? this.world.returns
          .filter((r) => r.order.marketplaceId === marketplaceId)
          .map((r) => rowAt(r, now))
          .filter((row) => row !== null)
      : []
    const rows = [...(this.givenRows.get(marketplaceId) ?? []), ...world]
      .filter((row) => days.has(row['Return request date'] as string))
      .map((row) => ({ ...row, ...this.extraColumns }))
    if (rows.length === 0) return null
    const columns = [
      ...COLUMNS,
      ...(marketplaceId === GB ? ['Order Item ID'] : []),
      ...Object.keys(this.extraColumns),
    ]
    return storeReport(renderReport(rows, columns))
  }
}

/** Days of a window, in the report's spelling: the report is cut by the day of the request. */
function daysOf(from: number, to: number): Set<string> {
  const days = new Set<string>()
  for (let at = from; at <= to; at += 3_600_000) days.add(amazonDay(at))
  return days.add(amazonDay(to))
}

const fatalDocument = (): StoredDocument => ({
  bytes: Buffer.from('{"errorDetails":"Internal error while generating the report"}'),
  charset: 'UTF-8',
  gzip: false,
})
