/** States of a report run. Each is left by one step, and the process may die between any two. */
export type RunState =
  | 'PLANNED'
  | 'REQUESTED'
  | 'IN_PROGRESS'
  | 'READY'
  | 'ARCHIVED'
  | 'PUBLISHED'
  | 'EMPTY'
  | 'CANCELLED'
  | 'FATAL'
  | 'QUARANTINED'

/** States in which there is nothing left to do. */
export const ENDED: readonly RunState[] = ['PUBLISHED', 'EMPTY', 'CANCELLED', 'FATAL', 'QUARANTINED']

/** What became of the rows of a document; `rowsInDocument` is their sum. */
export interface RunCounts {
  readonly rowsInDocument: number
  readonly new: number
  readonly changed: number
  readonly unchanged: number
  readonly skipped: Readonly<Record<string, number>>
  readonly rejected: Readonly<Record<string, number>>
}

/** One read of one report, as the ledger holds it. Instants are milliseconds. */
export interface ReportRun {
  readonly id: string
  readonly tenantId: string
  readonly integrationId: string
  readonly configVersion: number
  readonly sellerId: string
  readonly region: 'na' | 'eu' | 'fe'
  readonly marketplaceId: string
  readonly channelId: string
  readonly reportType: string
  readonly source: 'api' | 'import'
  readonly windowFrom: number | null
  readonly windowTo: number | null
  /** Rows before this calendar day, in the main marketplace's zone, are not imported. */
  readonly startDay: string
  readonly state: RunState
  /** True once `createReport` may have been called: a lost answer is looked for before asking again. */
  readonly requestTried: boolean
  readonly reportId: string | null
  readonly reportDocumentId: string | null
  readonly observedAt: number | null
  readonly documentSha256: string | null
  readonly bytes: number | null
  /** Where report-runs stood before publishing: the END record is looked for from here after a crash. */
  readonly runsOffset: number | null
  readonly counts: RunCounts | null
  readonly cancelledClass: string | null
  readonly error: string | null
  readonly startedAt: number
  readonly endedAt: number | null
  /** Not to be looked at before. */
  readonly notBefore: number
}

/** The one report type that is read. */
export const RETURNS_REPORT = 'GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE'

const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((a, b) => a + b, 0)

/** Conservation: every row of the document became exactly one thing. */
export const addsUp = (c: RunCounts): boolean =>
  c.rowsInDocument === c.new + c.changed + c.unchanged + sum(c.skipped) + sum(c.rejected)

/** The step that leaves a state; null when the run has ended. */
export function stepOf(state: RunState): 'request' | 'look' | 'archive' | 'publish' | null {
  switch (state) {
    case 'PLANNED':
      return 'request'
    case 'REQUESTED':
    case 'IN_PROGRESS':
      return 'look'
    case 'READY':
      return 'archive'
    case 'ARCHIVED':
      return 'publish'
    default:
      return null
  }
}
