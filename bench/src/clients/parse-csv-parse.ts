import { parse } from 'csv-parse'
import { measureParse, type ParseTask, piecesOf } from './parse.ts'
import { finish, task } from './task.ts'

await finish(
  await measureParse(task<ParseTask>(), async (file) => {
    let rows = 0
    const records = piecesOf(file).pipe(parse({ delimiter: '\t', quote: null, columns: true, trim: true }))
    for await (const _ of records) rows += 1
    return rows
  }),
)
