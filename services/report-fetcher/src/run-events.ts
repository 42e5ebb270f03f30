import type { Fault, RejectedRow } from '@backhaul/domain'
import type { Report } from '@backhaul/sp-api'
import type { ReportRun, RunCounts } from './report-run.ts'
import type { History } from './steps/classify-cancelled.ts'

/** What the worker did, or what it was told. */
export type RunEvent =
  /** The run is due; after a crash too, whatever was under way. */
  | { readonly type: 'woken' }
  | { readonly type: 'begun' }
  /** The reports that Amazon lists, and which of them belong to runs. */
  | {
      readonly type: 'listed'
      readonly reports: readonly Report[]
      readonly known: ReadonlySet<string>
      readonly history: History
    }
  | { readonly type: 'asked'; readonly reportId: string }
  | { readonly type: 'looked'; readonly report: Report }
  | { readonly type: 'cancelRequested' }
  /** What Amazon's error document says; null when there is none. */
  | { readonly type: 'explained'; readonly text: string | null }
  | { readonly type: 'archived'; readonly sha256: string; readonly bytes: number }
  | { readonly type: 'counted'; readonly counted: Counted }
  /** A piece of the document is in a transaction that is about to be committed. */
  | { readonly type: 'published'; readonly counts: RunCounts }
  | { readonly type: 'ended' }
  /** The budget has no call left: nothing was asked. */
  | { readonly type: 'held'; readonly effect: Effect['do']; readonly forMs: number }
  | { readonly type: 'failed'; readonly effect: Effect['do']; readonly fault: Fault }

/** What a whole document holds, before any of it is compared with the ledger. */
export interface Counted {
  /** Rows of the document, those skipped and those rejected. */
  readonly counts: RunCounts
  readonly rejectedRows: readonly RejectedRow[]
  readonly rowsByDay: Readonly<Record<string, number>>
  readonly chunks: number
}

/** What the worker is to do; it answers each with an event. */
export type Effect =
  | { readonly do: 'begin' }
  | { readonly do: 'listReports'; readonly since: number }
  | { readonly do: 'createReport' }
  | { readonly do: 'getReport' }
  | { readonly do: 'cancelReport' }
  | { readonly do: 'explain'; readonly reportDocumentId: string }
  | { readonly do: 'archive' }
  | { readonly do: 'publish' }
  | { readonly do: 'end' }
  /** Tells a person; no event follows. */
  | { readonly do: 'alert' }

/** A run, and what is to be done for it: save the run first, then do it. */
export interface Moved {
  readonly run: ReportRun
  readonly effects: readonly Effect[]
}
