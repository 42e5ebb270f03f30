import type { RejectedRow } from '@backhaul/domain'
import type { Window } from './windows.ts'

/** States of a report run. The process may die between any two. */
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

/** Why Amazon cancelled a report, as far as it can be told; see steps/classify-cancelled.ts. */
export const CANCELLED_CLASSES = [
  'unknown',
  'no_returns',
  'collided',
  'throttled',
  'wrong_programme',
  'stuck',
] as const
export type CancelledClass = (typeof CANCELLED_CLASSES)[number]

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

/** How a run will end, once its END is on the topic. */
export interface Ending {
  readonly state: 'EMPTY' | 'CANCELLED' | 'FATAL' | 'QUARANTINED'
  readonly endedAt: number
  readonly cancelledClass?: CancelledClass
  readonly counts?: RunCounts
  readonly rejectedRows?: readonly RejectedRow[]
  readonly error: string | null
  /** Amazon says that the request itself is wrong: asked again only once the integration was changed. */
  readonly refused?: boolean
  /** Up to where the window is known to hold no returns; absent when it is not. */
  readonly provenTo?: number
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
  /** The backfill that it is a slice of; null for a cycle and an import. */
  readonly backfillId: string | null
  readonly windowFrom: number | null
  readonly windowTo: number | null
  /** The window as planned, before the report of another was adopted that reads less; null when none was. */
  readonly plannedWindow: Window | null
  /** Start of what Amazon is asked for: before the window's, while a wider report is to confirm that it is empty. */
  readonly reportFrom: number | null
  /** A report that a schedule or another program had made since then serves as well; null when none does. */
  readonly adoptSince: number | null
  /** Rows before this calendar day, in the main marketplace's zone, are not imported. */
  readonly startDay: string
  readonly state: RunState
  /** Counts the saves: one who saves upon an older state than the ledger's has lost the run to another. */
  readonly revision: number
  /** True once the BEGIN record is on report-runs. */
  readonly begun: boolean
  /** When `createReport` may have been called: a lost answer is looked for before asking again; null when it was not. */
  readonly triedAt: number | null
  readonly reportId: string | null
  /** When the report came to be at Amazon, by our clock; by Amazon's for one that was adopted. */
  readonly askedAt: number | null
  /** True when the report was made by a schedule or another program. */
  readonly adopted: boolean
  /** When a person was told that the report is stuck; null before. */
  readonly stuckAt: number | null
  /** True once we cancelled the report, which was still in the queue. */
  readonly cancelTried: boolean
  readonly reportDocumentId: string | null
  /** When Amazon finished the document; for an import as given, or the time of upload. Newer wins. */
  readonly observedAt: number | null
  /** When the document was archived: the fetch time of its rows. */
  readonly archivedAt: number | null
  readonly documentSha256: string | null
  readonly bytes: number | null
  /** Where report-runs stood before publishing: what is on the topic is looked for from here after a crash. */
  readonly runsOffset: number | null
  /** Pieces in which the document is published, each in one transaction; null until it was counted. */
  readonly chunks: number | null
  /** Pieces that were published. */
  readonly position: number
  readonly counts: RunCounts | null
  /** Rows of the document by the day of their request, as written. */
  readonly rowsByDay: Readonly<Record<string, number>>
  /** The first rows that were rejected, with their reason. */
  readonly rejectedRows: readonly RejectedRow[]
  readonly cancelledClass: CancelledClass | null
  readonly refused: boolean
  /** Up to where the window was read, or is known to hold no returns; null while neither is. */
  readonly provenTo: number | null
  /** Set once it is known how the run ends: its END is to be announced. */
  readonly ending: Ending | null
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

/** The run as its BEGIN tells it, whatever it has come to since. */
export const beginOf = (run: ReportRun): ReportRun => ({
  ...run,
  ...(run.plannedWindow && { windowFrom: run.plannedWindow.from, windowTo: run.plannedWindow.to }),
  ...(run.source === 'api'
    ? { state: 'PLANNED', documentSha256: null, bytes: null, archivedAt: null }
    : { state: 'ARCHIVED' }),
  reportId: null,
  position: 0,
  counts: null,
  rowsByDay: {},
  cancelledClass: null,
  provenTo: null,
  error: null,
  endedAt: null,
})

/** Whose rows a run reads. Runs of one scope move one at a time, and share their rows' identities. */
export const scopeOf = ({
  tenantId,
  sellerId,
  marketplaceId,
}: Pick<ReportRun, 'tenantId' | 'sellerId' | 'marketplaceId'>): string =>
  `${tenantId}/${sellerId}/${marketplaceId}`

/** The one report type that is read. */
export const RETURNS_REPORT = 'GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE'

/** All of a count by reason. */
export const sumOf = (counts: Readonly<Record<string, number>>) =>
  Object.values(counts).reduce((a, b) => a + b, 0)

/** Conservation: every row of the document became exactly one thing. */
export const addsUp = (c: RunCounts): boolean =>
  c.rowsInDocument === c.new + c.changed + c.unchanged + sumOf(c.skipped) + sumOf(c.rejected)

/** Counts of two parts of one document. */
export function plus(a: RunCounts, b: RunCounts): RunCounts {
  const both = (x: Readonly<Record<string, number>>, y: Readonly<Record<string, number>>) => {
    const sum = { ...x }
    for (const [reason, count] of Object.entries(y)) sum[reason] = (sum[reason] ?? 0) + count
    return sum
  }
  return {
    rowsInDocument: a.rowsInDocument + b.rowsInDocument,
    new: a.new + b.new,
    changed: a.changed + b.changed,
    unchanged: a.unchanged + b.unchanged,
    skipped: both(a.skipped, b.skipped),
    rejected: both(a.rejected, b.rejected),
  }
}
