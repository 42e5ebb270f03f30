import { Fault } from '@backhaul/domain'
import type { Archive } from '../adapters/archive.ts'
import { readDocument } from '../adapters/document.ts'
import type { Ledger } from '../adapters/ledger.ts'
import { type Kafka, publish, runsEnd, toldBefore, withWriter } from '../adapters/return-topics.ts'
import { chunksOf, Spill } from '../adapters/spill.ts'
import type { Events } from '../events.ts'
import { addsUp, ENDED, type ReportRun, scopeOf } from '../report-run.ts'
import type { Moved, RunEvent } from '../run-events.ts'
import { compareRows } from './compare-rows.ts'
import { countRows } from './count-rows.ts'

/** Columns that are told of one document: it may be of nonsense. */
const MOST_COLUMNS = 100

export interface PublishDeps {
  readonly archive: Archive
  readonly kafka: Kafka
  readonly ledger: Ledger
  readonly events: Events
  /** Ends the work behind the piece at hand; the next start goes on there. */
  readonly signal: AbortSignal
  /** Saves a run as the ledger's newest state. */
  readonly save: (run: ReportRun) => Promise<ReportRun>
  /** Notes what the ledger saved by itself. */
  readonly saved: (run: ReportRun) => ReportRun
  readonly next: (run: ReportRun, event: RunEvent) => Moved
}

/**
 * Publishes an archived document of any size: it is read once to count it, before anything is published, and its pieces are
 * then compared and published one by one. All rows of an order are in one piece.
 *
 * 1. open the writer               fails → nothing published; what a predecessor left is settled from here on
 * 2. read and count the document   fails → nothing published; over 20 % bad: the run ends, nothing is published
 * 3. note where report-runs ends   fails → nothing published
 * 4. for each piece: rows and the run's record, one Kafka transaction
 *                                  fails → all of the piece or nothing: the record tells the next try
 * 5. rows and position in the ledger, one Postgres transaction
 *                                  fails → the next try finds the record and only does this; the ledger is as it was, so the
 *                                          comparison gives the same rows
 *
 * The record of the last piece is the END.
 */
export function publishDocument(run: ReportRun, deps: PublishDeps): Promise<Moved> {
  return withWriter(deps.kafka, run, async (writer) => {
    const { archive, kafka, ledger, events, signal, next } = deps
    const told = await toldBefore(kafka, run)
    const spill = await Spill.open(run.chunks ?? chunksOf(run.bytes ?? 0))
    try {
      const archived = unlessStopped(signal, archive.read(run.documentSha256 as string))
      const document = readDocument(archived, { ...run, charset: 'utf-8' })
      const counted = await countRows(run.startDay, document, spill)
      const { unknownColumns } = document.summary()
      events.columnsAdded(run, await ledger.newColumns(run, unknownColumns.slice(0, MOST_COLUMNS)))
      let latest = run
      if (run.chunks === null) {
        const moved = next(run, { type: 'counted', counted })
        if (moved.run.ending) return moved
        latest = await deps.save({ ...moved.run, runsOffset: await runsEnd(kafka) })
      }
      while (!ENDED.includes(latest.state)) {
        signal.throwIfAborted()
        const rows = await spill.rows(latest.position)
        const observedAt = latest.observedAt ?? latest.startedAt
        const known = (references: readonly string[]) => ledger.knownRows(run, references)
        const compared = await compareRows(scopeOf(run), observedAt, rows, known)
        const { toPublish, counts } = compared
        let { run: published } = next(latest, { type: 'published', counts })
        if (ENDED.includes(published.state) && published.counts && !addsUp(published.counts))
          throw new Fault('COUNTS_DO_NOT_ADD_UP', `Run ${run.id}: ${JSON.stringify(published.counts)}`)
        const isTold = told !== null && (told.state === 'PUBLISHED' || told.position >= published.position)
        if (!isTold) await publish(writer, published, toPublish)
        else if (told.state === 'PUBLISHED' && published.endedAt !== null)
          published = { ...published, endedAt: told.endedAt }
        latest = deps.saved(await ledger.published(published, compared))
        events.rowsPublished(
          counts,
          toPublish.map(({ row }) => row.cells.labelType),
        )
      }
      events.documentRead(latest)
      return { run: latest, effects: [] }
    } finally {
      await spill.close()
    }
  })
}

async function* unlessStopped<T>(signal: AbortSignal, pieces: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const piece of pieces) {
    signal.throwIfAborted()
    yield piece
  }
}
