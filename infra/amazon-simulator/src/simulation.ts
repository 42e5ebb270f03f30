import { randomUUID } from 'node:crypto'
import type { ReceivedCall } from './calls.ts'
import { Clock } from './clock.ts'
import type { StoredDocument } from './documents/document-style.ts'
import { type Fault, type FaultTarget, takeFault } from './faults/fault.ts'
import { Limits } from './limits/limits.ts'
import { randomFrom } from './random.ts'
import type { Given } from './reports/document-of.ts'
import { makeReport } from './reports/make-report.ts'
import type { CancelRules } from './reports/outcome.ts'
import type { ReportRequest, SimulatedReport } from './reports/report.ts'
import type { ReportPlan } from './reports/report-plan.ts'
import { Reports } from './reports/reports.ts'
import { demoSpec, type Seller, type SellerSpec, Sellers } from './sellers/sellers.ts'
import type { ReportRow } from './world/return-row.ts'

/** Document addresses live five minutes. Source: Reports API 2021-06-30, getReportDocument. */
const DOCUMENT_ADDRESS_MS = 5 * 60_000
const ACCESS_TOKEN_MS = 3_600_000

/** How long a report stays in each state, in milliseconds of Amazon's time. */
export interface Pace {
  readonly queueMs: number
  readonly progressMs: number
}

export interface SimulationOptions {
  readonly seed: number
  /** The instant that the sellers' days are laid around. */
  readonly epoch: number
  readonly pace: Pace
  readonly clock?: Clock
  readonly quotaFactor?: number
  readonly sellers?: readonly SellerSpec[]
}

/** Everything that the simulator knows and that scenarios, `/_control` and tests can change. */
export class Simulation {
  readonly clock: Clock
  readonly sellers: Sellers
  readonly limits: Limits
  readonly pace: Pace
  readonly epoch: number
  readonly documents = new Map<string, StoredDocument>()
  readonly addresses = new Map<string, { documentId: string; until: number; encoded: boolean }>()
  /** Until when each token is good, in real time. */
  readonly accessTokens = new Map<string, number>()
  readonly rules: CancelRules = { collisionMs: 0, repeatMs: 0 }
  calls: ReceivedCall[] = []
  /** True ends the authorisations of all sellers. */
  revoked = false
  /** Rows given by a test, in front of the sellers' own; by marketplace. */
  givenRows = new Map<string, ReportRow[]>()
  /** Whole documents for the next reports of a marketplace. */
  givenDocuments = new Map<string, StoredDocument[]>()
  /** Columns that every flat file gets, with their value. */
  extraColumns: Record<string, string> = {}
  faults: Fault[] = []
  nextReports: ReportPlan[] = []
  /** False leaves the sellers' own returns out of the reports: only what was given is in them. */
  worldReturns = true
  /** Told of each call before it is answered, so that scenarios can go on. */
  onCall: (call: ReceivedCall) => void = () => {}
  /** Brings back how the scenario begins. */
  onReset: () => void = () => {}
  readonly reportBook: Reports
  readonly #random: () => number

  constructor({
    seed,
    epoch,
    pace,
    clock = new Clock(),
    quotaFactor = 1,
    sellers = [demoSpec],
  }: SimulationOptions) {
    this.clock = clock
    this.epoch = epoch
    this.pace = pace
    this.sellers = new Sellers(sellers, seed, epoch)
    this.limits = new Limits(quotaFactor, () => clock.now())
    this.#random = randomFrom(seed)
    this.reportBook = new Reports(clock, (schedule, request, at) => {
      const seller = this.sellers.byId(schedule.sellerId) as Seller
      const { reportScheduleId } = schedule
      makeReport(this, request, { seller, at, madeBy: 'schedule', reportScheduleId })
    })
  }

  /** Reports by id, those of schedules included. */
  get reports(): ReadonlyMap<string, SimulatedReport> {
    this.reportBook.makeDue()
    return this.reportBook.all
  }

  /** What stands beside or in place of the sellers' own returns. */
  get given(): Given {
    return { rows: this.givenRows, extraColumns: this.extraColumns, worldReturns: this.worldReturns }
  }

  /** Back to the beginning, of the scenario if there is one; calls are forgotten. Reports and used-up quotas stay. */
  reset(): void {
    this.clock.reset()
    this.limits.reset()
    this.reportBook.schedules.clear()
    Object.assign(this.rules, { collisionMs: 0, repeatMs: 0 })
    this.calls = []
    this.revoked = false
    for (const seller of this.sellers.all) {
      seller.revoked = false
      seller.denied = seller.spec.denied
    }
    this.givenRows = new Map()
    this.givenDocuments = new Map()
    this.extraColumns = {}
    this.faults = []
    this.nextReports = []
    this.worldReturns = true
    this.onCall = () => {}
    this.onReset()
  }

  /** Notes a call as it comes in; what comes of it is filled in by whoever answers. */
  received(operation: string, sellerId: string | null, body: unknown): ReceivedCall {
    const call: ReceivedCall = {
      at: new Date().toISOString(),
      simulatedAt: new Date(this.clock.now()).toISOString(),
      operation,
      sellerId,
      body,
      status: null,
      outcome: 'pending',
      fault: null,
    }
    this.calls.push(call)
    this.onCall(call)
    return call
  }

  /** Takes the fault that the answer to a call should have. */
  takeFault(call: FaultTarget): Fault | null {
    return takeFault(this.faults, call, this.#random)
  }

  isRevoked(seller: Seller): boolean {
    return this.revoked || seller.revoked
  }

  newAccessToken(seller: Seller = this.sellers.first): { token: string; seconds: number } {
    const token = seller.newAccessToken()
    this.accessTokens.set(token, Date.now() + ACCESS_TOKEN_MS)
    return { token, seconds: ACCESS_TOKEN_MS / 1000 }
  }

  /** Ends a seller's authorisation: its refresh token and all access tokens of it. */
  revoke(seller: Seller): void {
    seller.revoked = true
    for (const token of this.accessTokens.keys()) {
      if (this.sellers.ofAccessToken(token) === seller) this.accessTokens.delete(token)
    }
  }

  /** Makes a report, as asked for by the application or by another program of the seller. */
  createReport(
    request: ReportRequest,
    {
      seller = this.sellers.first,
      madeBy = 'application',
    }: {
      seller?: Seller
      madeBy?: 'application' | 'another-program'
    } = {},
  ): string {
    this.reportBook.makeDue()
    return makeReport(this, request, { seller, at: this.clock.now(), madeBy, reportScheduleId: null })
  }

  /** Lets reports that are held go on. */
  release(): void {
    for (const report of this.reportBook.all.values()) report.held = false
  }

  /** A path that leads to a document for five minutes. */
  addressOf(documentId: string, encoded = false): string {
    const key = randomUUID()
    this.addresses.set(key, { documentId, encoded, until: Date.now() + DOCUMENT_ADDRESS_MS })
    return `/documents/${key}`
  }

  /** Ends the lives of all access tokens or document addresses that are out. */
  expire({ tokens, addresses }: { tokens?: boolean | undefined; addresses?: boolean | undefined }): void {
    if (tokens) for (const token of this.accessTokens.keys()) this.accessTokens.set(token, 1)
    if (addresses) for (const address of this.addresses.values()) address.until = 0
  }
}
