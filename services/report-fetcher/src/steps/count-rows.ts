import { type DocumentRow, type RejectedRow, readDate } from '@backhaul/domain'
import { type DocumentReading, MOST_TOLD } from '../adapters/document.ts'
import { plus } from '../report-run.ts'
import type { Counted } from '../run-events.ts'

/** Days of request that are told one by one: a report has 60, an upload may have more. */
const MOST_DAYS = 400
const OTHER_DAYS = 'other'
/** Letters of a row that is still one record on a topic: of up to four bytes each, within Kafka's megabyte. */
const MOST_ROW_LETTERS = 200_000

/** Rows of a document that can be published, one after the other. */
export interface RowKeeper {
  /** How many pieces it makes of them. */
  readonly chunks: number
  add(row: DocumentRow): Promise<void> | void
}

/**
 * Reads a whole document before any of it is published: counts its rows, those that are bad and those before the start, and
 * hands on the rest.
 *
 * @throws Fault as `readDocument`.
 */
export async function countRows(
  startDay: string,
  document: DocumentReading,
  keeper: RowKeeper,
): Promise<Counted> {
  const rowsByDay: Record<string, number> = {}
  let days = 0
  let beforeStart = 0
  const tooLong: RejectedRow[] = []
  for await (const { rows } of document) {
    for (const row of rows) {
      if (lettersOf(row) > MOST_ROW_LETTERS) {
        tooLong.push({ rowNumber: row.rowNumber, reason: 'row_too_long' })
        continue
      }
      const requestedOn = readDate(row.cells.returnRequestDate)
      const isTold = requestedOn !== null && (requestedOn in rowsByDay || days < MOST_DAYS)
      const day = isTold ? requestedOn : OTHER_DAYS
      if (!(day in rowsByDay)) days += 1
      rowsByDay[day] = (rowsByDay[day] ?? 0) + 1
      // RC-22: a row of the start day itself is imported, rather one too many than one lost (Q8).
      if (requestedOn !== null && requestedOn < startDay) beforeStart += 1
      // Most rows wait for nothing.
      else {
        const kept = keeper.add(row)
        if (kept) await kept
      }
    }
  }
  const { rowsInDocument, rejected, skipped, rejectedRows } = document.summary()
  const found = { rowsInDocument, new: 0, changed: 0, unchanged: 0, skipped: { ...skipped }, rejected }
  const early = beforeStart > 0 ? { before_start_time: beforeStart } : {}
  const long = tooLong.length > 0 ? { row_too_long: tooLong.length } : {}
  const counts = plus(found, { ...found, rowsInDocument: 0, skipped: early, rejected: long })
  const told = [...rejectedRows, ...tooLong].sort((a, b) => a.rowNumber - b.rowNumber).slice(0, MOST_TOLD)
  return { counts, rejectedRows: told, rowsByDay, chunks: keeper.chunks }
}

function lettersOf({ cells, extra }: DocumentRow): number {
  let letters = 0
  for (const cell of Object.values(cells)) letters += cell?.length ?? 0
  for (const name in extra) letters += name.length + (extra[name]?.length ?? 0)
  return letters
}
