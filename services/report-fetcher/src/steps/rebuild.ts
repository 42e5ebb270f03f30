import { isRetryable } from '@backhaul/domain'
import type { Archive } from '../adapters/archive.ts'
import { readDocument } from '../adapters/document.ts'
import type { Rebuild, Rebuilds } from '../adapters/rebuilds.ts'
import { type Kafka, publish, type ReplayHeaders, type Writer } from '../adapters/return-topics.ts'
import { chunksOf, Spill } from '../adapters/spill.ts'
import { beginOf, plus, type ReportRun, scopeOf } from '../report-run.ts'
import { compareRows } from './compare-rows.ts'
import { countRows } from './count-rows.ts'

export interface RebuildDeps {
  readonly rebuilds: Rebuilds
  readonly archive: Archive
  readonly kafka: Kafka
  readonly now: () => number
  readonly signal: AbortSignal
}

/**
 * C14: writes a tenant's rows, and the begins and ends of its runs, again: from the archive and the ledger, without Amazon.
 * Documents are read in the order in which their runs ended, against what the rebuild itself has written: so each row comes
 * as it came first, with the same identity and the same event id, marked by the headers `replay-id` and `replay-reason`.
 *
 * 1. rows of a piece, one Kafka transaction  fails → all or nothing
 * 2. rows and position in the ledger         fails → the piece is written once more, with the same event ids
 */
export async function rebuildTopics(rebuild: Rebuild, deps: RebuildDeps): Promise<void> {
  const { rebuilds, kafka, now, signal } = deps
  const writer = await kafka.transactionalWriter(`rebuild-${rebuild.id}`)
  let latest = rebuild
  try {
    for (;;) {
      signal.throwIfAborted()
      const found = await rebuilds.runAfter(rebuild.tenantId, latest.endedAs)
      if (!found) break
      latest = await rebuildRun(latest, found.run, writer, deps)
      latest = { ...latest, endedAs: found.endedAs, position: 0, counts: null, runs: latest.runs + 1 }
      await rebuilds.written(latest, found.run, [])
    }
    await rebuilds.ended({ ...latest, state: 'done', endedAt: now() })
  } catch (error) {
    // What can be waited out goes on from its place at the next look.
    if (signal.aborted || isRetryable(error)) throw error
    const told = error instanceof Error ? error.message : String(error)
    await rebuilds.ended({ ...latest, state: 'failed', error: told, endedAt: now() })
  } finally {
    await writer.close()
  }
}

async function rebuildRun(
  rebuild: Rebuild,
  run: ReportRun,
  writer: Writer,
  { rebuilds, archive }: RebuildDeps,
): Promise<Rebuild> {
  const replay: ReplayHeaders = { 'replay-id': rebuild.id, 'replay-reason': rebuild.reason }
  if (rebuild.position === 0) await publish(writer, beginOf(run), [], replay)
  if (run.state !== 'PUBLISHED' || run.documentSha256 === null) {
    await publish(writer, run, [], replay)
    return rebuild
  }
  let latest = rebuild
  const spill = await Spill.open(run.chunks ?? chunksOf(run.bytes ?? 0))
  try {
    const document = readDocument(archive.read(run.documentSha256), { ...run, charset: 'utf-8' })
    const { counts: countedAtFirst } = await countRows(run.startDay, document, spill)
    const known = (references: readonly string[]) => rebuilds.knownRows(rebuild, run, references)
    while (latest.position < spill.chunks) {
      const rows = await spill.rows(latest.position)
      const { toPublish, counts: found } = await compareRows(
        scopeOf(run),
        run.observedAt ?? run.startedAt,
        rows,
        known,
      )
      const position = latest.position + 1
      const counts = plus(latest.counts ?? countedAtFirst, found)
      const unfinished = { state: 'ARCHIVED', provenTo: null, endedAt: null } as const
      const told = position === spill.chunks ? run : { ...run, ...unfinished, position, counts }
      await publish(writer, told, toPublish, replay)
      latest = { ...latest, position, counts, rows: latest.rows + toPublish.length }
      await rebuilds.written(latest, run, toPublish)
    }
    return latest
  } finally {
    await spill.close()
  }
}
