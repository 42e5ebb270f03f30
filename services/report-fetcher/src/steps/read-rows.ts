import { type DocumentRow, identifyRows, OrderPlaces, readDate, rowDigest } from '@backhaul/domain'
import type { DocumentReading, DocumentSummary } from '../adapters/document.ts'
import type { Ledger, LedgerRow } from '../adapters/ledger.ts'
import { type ReportRun, type RunCounts, scopeOf, sumOf } from '../report-run.ts'

/** A row that is to be published. */
export interface RowToPublish extends LedgerRow {
  readonly row: DocumentRow
  readonly flags: readonly string[]
}

/** What a part of a document says beyond what was published before. Its counts add up, and those of all parts. */
export interface RowsRead {
  readonly toPublish: readonly RowToPublish[]
  readonly counts: RunCounts
}

/** What is known of a document once it was read through, before any of it is published. */
export interface Survey {
  readonly summary: DocumentSummary
  readonly places: OrderPlaces
}

/** Rows looked up in the ledger at once: one question for some thousand costs less than many small ones. */
const ROWS_OF_A_PART = 2_000

/** Reads a document through: counts, faults, and where each order ends. @throws Fault as `readDocument`. */
export async function surveyDocument(document: DocumentReading): Promise<Survey> {
  const places = new OrderPlaces()
  for await (const { rows } of document) {
    for (const { orderReference, rowNumber } of rows) places.note(orderReference, rowNumber)
  }
  return { summary: document.summary(), places }
}

/**
 * Reads a document against the ledger, part by part: every row becomes new, changed, unchanged, skipped or rejected.
 *
 * All rows of an order are in one part, as they are told apart together; those that come early wait for the last. Reading
 * the document again against the same ledger gives the same parts.
 *
 * @param places Of the survey of the same document.
 */
export async function* readRows(
  run: ReportRun,
  document: DocumentReading,
  places: OrderPlaces,
  ledger: Pick<Ledger, 'knownRows'>,
): AsyncGenerator<RowsRead> {
  const waiting = new WaitingRows()
  let part = new Part()
  for await (const { rows, rejected, skipped } of document) {
    for (const { reason } of rejected) part.reject(reason)
    for (const { reason } of skipped) part.skip(reason)
    for (const row of rows) {
      const isImported = !isBeforeStart(row, run.startDay)
      if (!isImported) part.skip('before_start_time')
      if (row.rowNumber < places.lastRow(row.orderReference)) {
        if (isImported) waiting.add(row)
        continue
      }
      for (const earlier of waiting.take(row.orderReference)) part.add(earlier)
      if (isImported) part.add(row)
      if (part.rows.length < ROWS_OF_A_PART) continue
      yield await part.against(run, ledger)
      part = new Part()
    }
  }
  for (const row of waiting.takeAll()) part.add(row)
  yield await part.against(run, ledger)
}

/** All parts in one. */
export async function inOne(parts: AsyncIterable<RowsRead>): Promise<RowsRead> {
  const toPublish: RowToPublish[] = []
  const total = new Part()
  const counts = { rowsInDocument: 0, new: 0, changed: 0, unchanged: 0 }
  for await (const part of parts) {
    for (const row of part.toPublish) toPublish.push(row)
    for (const name of ['rowsInDocument', 'new', 'changed', 'unchanged'] as const)
      counts[name] += part.counts[name]
    for (const [reason, count] of Object.entries(part.counts.skipped)) total.skip(reason, count)
    for (const [reason, count] of Object.entries(part.counts.rejected)) total.reject(reason, count)
  }
  return { toPublish, counts: { ...counts, skipped: total.skipped, rejected: total.rejected } }
}

/** Rows whose order goes on further down. They are kept as JSON: a cell of a row may keep its whole piece in memory. */
class WaitingRows {
  readonly #byOrder = new Map<string, string[]>()

  add(row: DocumentRow): void {
    const text = JSON.stringify(row)
    const rows = this.#byOrder.get(row.orderReference)
    if (rows) rows.push(text)
    else this.#byOrder.set((JSON.parse(text) as DocumentRow).orderReference, [text])
  }

  take(orderReference: string): DocumentRow[] {
    const rows = this.#byOrder.get(orderReference) ?? []
    this.#byOrder.delete(orderReference)
    return rows.map((text) => JSON.parse(text))
  }

  /** Rows of orders that were taken for others: see `OrderPlaces`. */
  *takeAll(): Generator<DocumentRow> {
    for (const orderReference of [...this.#byOrder.keys()]) yield* this.take(orderReference)
  }
}

/** Rows that are looked up together, and those that were left out meanwhile. */
class Part {
  readonly rows: DocumentRow[] = []
  readonly skipped: Record<string, number> = {}
  readonly rejected: Record<string, number> = {}

  add(row: DocumentRow): void {
    this.rows.push(row)
  }

  skip(reason: string, count = 1): void {
    this.skipped[reason] = (this.skipped[reason] ?? 0) + count
  }

  reject(reason: string, count = 1): void {
    this.rejected[reason] = (this.rejected[reason] ?? 0) + count
  }

  /** What the ledger does not have yet. */
  async against(run: ReportRun, ledger: Pick<Ledger, 'knownRows'>): Promise<RowsRead> {
    const observedAt = run.observedAt ?? run.startedAt
    const toPublish: RowToPublish[] = []
    const counts = { new: 0, changed: 0, unchanged: 0 }
    const leftOut = sumOf(this.skipped) + sumOf(this.rejected)
    const byOrder = Map.groupBy(this.rows, (r) => r.orderReference)
    const knownRows = byOrder.size > 0 ? await ledger.knownRows(run, [...byOrder.keys()]) : []
    const known = Map.groupBy(knownRows, (r) => r.identity.orderReference)
    for (const [orderReference, ofOrder] of byOrder) {
      const before = known.get(orderReference) ?? []
      const identities = before.map((k) => k.identity)
      const identified = identifyRows(scopeOf(run), identities, ofOrder)
      for (const _ of identified.repeated) this.skip('repeated_line')
      for (const { row, identity, flags } of identified.rows) {
        const digest = rowDigest(row, flags)
        const published = before.find((k) => k.identity.rowId === identity.rowId)
        if (published?.digest === digest) {
          counts.unchanged += 1
        } else if (published && published.observedAt > observedAt) {
          this.skip('older_than_published')
        } else {
          counts[published ? 'changed' : 'new'] += 1
          toPublish.push({ row, identity, digest, observedAt, flags })
        }
      }
    }
    const rowsInDocument = this.rows.length + leftOut
    const { skipped, rejected } = this
    return { toPublish, counts: { rowsInDocument, ...counts, skipped, rejected } }
  }
}

/** RC-22: a row of the start day itself is imported, rather one too many than one lost (Q8). */
function isBeforeStart(row: DocumentRow, startDay: string): boolean {
  const requestedOn = readDate(row.cells.returnRequestDate)
  return requestedOn !== null && requestedOn < startDay
}
