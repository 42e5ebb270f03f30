import type { RejectedRow } from '@backhaul/domain'

/** States of a report run. Each is left by one step, and the process may die between any two. */
export const STATES = [
  'PLANNED',
  'REQUESTED',
  'IN_PROGRESS',
  'READY',
  'ARCHIVED',
  'PUBLISHED',
  'EMPTY',
  'CANCELLED',
  'FATAL',
  'QUARANTINED',
] as const
export type RunState = (typeof STATES)[number]

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

export const NO_ROWS: RunCounts = {
  rowsInDocument: 0,
  new: 0,
  changed: 0,
  unchanged: 0,
  skipped: {},
  rejected: {},
}

/** What all runs depend on: one that waits for it makes the service not ready. */
export const DEPENDENCIES = ['kafka', 'schema registry', 'config-service', 'archive'] as const
export type Dependency = (typeof DEPENDENCIES)[number]

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
  /** Counts the saves: one who saves upon an older state than the ledger's has lost the run to another. */
  readonly revision: number
  /** True once the BEGIN record is on report-runs. */
  readonly begun: boolean
  /** True once `createReport` may have been called: a lost answer is looked for before asking again. */
  readonly requestTried: boolean
  readonly reportId: string | null
  readonly reportDocumentId: string | null
  /** When Amazon finished the document; for an import as given, or the time of upload. Newer wins. */
  readonly observedAt: number | null
  readonly documentSha256: string | null
  readonly bytes: number | null
  /** Where report-runs stood before publishing: the END record is looked for from here after a crash. */
  readonly runsOffset: number | null
  readonly counts: RunCounts | null
  /** The first rows that were rejected, with their reason. */
  readonly rejectedRows: readonly RejectedRow[]
  /** `unknown` at first; `no_returns` once a later cycle's report of the same window was cancelled too. */
  readonly cancelledClass: 'unknown' | 'no_returns' | null
  /** What went wrong last; null again once it went on. */
  readonly error: string | null
  /** The dependency that holds the run up; null when none does. */
  readonly waitingFor: Dependency | null
  /** Failures since it last went on. */
  readonly failures: number
  readonly startedAt: number
  readonly endedAt: number | null
  /** Not to be looked at before. */
  readonly notBefore: number
}

/** Whose rows a run reads. Runs of one scope move one at a time, and share their rows' identities. */
export const scopeOf = ({ tenantId, sellerId, marketplaceId }: ReportRun): string =>
  `${tenantId}/${sellerId}/${marketplaceId}`

/** The one report type that is read. */
export const RETURNS_REPORT = 'GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE'

/** All of a count by reason. */
export const sumOf = (counts: Readonly<Record<string, number>>) =>
  Object.values(counts).reduce((a, b) => a + b, 0)

/** Conservation: every row of the document became exactly one thing. */
export const addsUp = (c: RunCounts): boolean =>
  c.rowsInDocument === c.new + c.changed + c.unchanged + sumOf(c.skipped) + sumOf(c.rejected)

/** The step that a run takes next; null when it has ended. */
export function stepOf({
  state,
  begun,
}: ReportRun): 'begin' | 'request' | 'look' | 'archive' | 'publish' | null {
  if (!begun && !ENDED.includes(state)) return 'begin'
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
