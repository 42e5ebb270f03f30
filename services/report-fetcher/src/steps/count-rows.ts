import { type DocumentRow, type ParsedRow, readDate } from '@backhaul/domain'
import type { RejectedRow } from '../report-run.ts'
import type { Counted } from '../run-events.ts'

/** How many rejected rows are told one by one. */
const MOST_TOLD = 20
/** Days of request that are told one by one: a report has 60, an upload may have more. */
const MOST_DAYS = 400
const OTHER_DAYS = 'other'

/** Rows of a document that can be published, one after the other. */
export interface RowKeeper {
  add(row: DocumentRow): Promise<void>
}

/**
 * Reads a whole document before any of it is published: counts its rows, those that are bad and those before the start, and
 * hands on the rest.
 */
export async function countRows(
  startDay: string,
  rows: AsyncIterable<ParsedRow>,
  chunks: number,
  keeper: RowKeeper,
): Promise<Counted> {
  const skipped: Record<string, number> = {}
  const rejected: Record<string, number> = {}
  const rowsByDay: Record<string, number> = {}
  const rejectedRows: RejectedRow[] = []
  let rowsInDocument = 0
  let days = 0
  for await (const parsed of rows) {
    rowsInDocument += 1
    if ('fault' in parsed) {
      rejected[parsed.fault] = (rejected[parsed.fault] ?? 0) + 1
      if (rejectedRows.length < MOST_TOLD)
        rejectedRows.push({ rowNumber: parsed.rowNumber, reason: parsed.fault })
      continue
    }
    const { row } = parsed
    const requestedOn = readDate(row.cells.returnRequestDate)
    const known = requestedOn !== null && (requestedOn in rowsByDay || days < MOST_DAYS)
    const day = known ? requestedOn : OTHER_DAYS
    if (!(day in rowsByDay)) days += 1
    rowsByDay[day] = (rowsByDay[day] ?? 0) + 1
    // RC-22: a row of the start day itself is imported, rather one too many than one lost (Q8).
    if (requestedOn !== null && requestedOn < startDay)
      skipped.before_start_time = (skipped.before_start_time ?? 0) + 1
    else await keeper.add(row)
  }
  const counts = { rowsInDocument, new: 0, changed: 0, unchanged: 0, skipped, rejected }
  return { counts, rejectedRows, rowsByDay, chunks }
}
