import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench } from '../bench.ts'
import { runClient } from '../client-process.ts'
import { writeDocument } from '../data/write-document.ts'
import { fetchToTopic } from '../fetch/fetch-to-topic.ts'

/**
 * Documents to rows. Ours does all that a row needs (charset, header, cleaning, allow-list, faults), with its digest and
 * without; the others make an object of text of each line. And the whole way, from the download to the topic.
 */
export const parse: Bench = {
  name: 'parse',
  compares: 'our reading of a returns report, with digest, with parsers of CSV from npm, which give text',
  metric: 'rowsPerSecond',
  better: 'higher',
  goal: '≥ 1× of each, within 300 MiB',
  size: { runs: 3, records: 300_000 },
  async prepare(servers, { records }) {
    const folder = mkdtempSync(join(tmpdir(), 'backhaul-parse-'))
    const file = join(folder, 'returns.tsv')
    await writeDocument(file, records)
    const names = [
      'parse-backhaul',
      'parse-backhaul-rows',
      'parse-udsv',
      'parse-papaparse',
      'parse-csv-parse',
    ]
    const fetched = await fetchToTopic(servers, file, records)
    return {
      contenders: [
        ...names.map((name) => ({
          name,
          run: () => runClient(servers.children, name, { file, rows: records }),
        })),
        fetched,
      ],
      async close() {
        await fetched.close()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  },
}
