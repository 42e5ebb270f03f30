import { rowDigest } from '@backhaul/domain'
import { readDocument } from '@backhaul/report-fetcher/document'
import { measureParse, type ParseTask, piecesOf } from './parse.ts'
import { finish, task } from './task.ts'

const hints = { charset: 'UTF-8', sellerId: 'A0SELLER', marketplaceId: 'A1PA6795UKMFR9' }

await finish(
  await measureParse(task<ParseTask>(), async (file) => {
    let rows = 0
    for await (const batch of readDocument(piecesOf(file), hints)) {
      for (const row of batch.rows) rows += Math.sign(rowDigest(row, []).length)
    }
    return rows
  }),
)
