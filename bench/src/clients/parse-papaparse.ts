import Papa from 'papaparse'
import { measureParse, type ParseTask, piecesOf } from './parse.ts'
import { finish, task } from './task.ts'

await finish(
  await measureParse(task<ParseTask>(), async (file) => {
    let rows = 0
    const records = piecesOf(file).setEncoding('utf8')
    await new Promise<void>((resolve, reject) => {
      Papa.parse<Record<string, string>>(records, {
        header: true,
        delimiter: '\t',
        fastMode: true,
        skipEmptyLines: true,
        chunk: ({ data }) => {
          rows += data.length
        },
        complete: () => resolve(),
        error: reject,
      })
    })
    return rows
  }),
)
