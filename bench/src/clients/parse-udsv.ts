import { inferSchema, initParser, type Parser } from 'udsv'
import { measureParse, type ParseTask, piecesOf } from './parse.ts'
import { finish, task } from './task.ts'

await finish(
  await measureParse(task<ParseTask>(), async (file) => {
    let rows = 0
    let parser: Parser | undefined
    for await (const text of piecesOf(file).setEncoding('utf8')) {
      parser ??= initParser(inferSchema(text, { col: '\t', trim: true }))
      parser.chunk<Record<string, string>>(text, parser.stringObjs as never, () => {
        rows += 1
      })
    }
    parser?.end()
    return rows
  }),
)
