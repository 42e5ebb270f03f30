import { expect, test } from 'vitest'
import { insertFromFile, readStatement } from './statement.ts'

const statement = (search: string, body = '') => readStatement(new URLSearchParams(search), {}, body)

test('the statement comes from the query string or the body, without its semicolon', () => {
  expect(statement('query=SELECT+1;').sql).toBe('SELECT 1')
  expect(statement('', 'SELECT 2;\n').sql).toBe('SELECT 2')
})

test('parameters, settings and what is about the request are told apart', () => {
  expect(statement('query=x&param_id=7&async_insert=0&query_id=q&database=d')).toMatchObject({
    database: 'd',
    parameters: { id: '7' },
    settings: { async_insert: '0' },
  })
})

test('an insert with rows in its body reads them from a file; any other statement does not', () => {
  expect(insertFromFile('INSERT INTO t (a, b) FORMAT RowBinary', "/tmp/it's")).toBe(
    "INSERT INTO t (a, b) FROM INFILE '/tmp/it\\'s' FORMAT RowBinary",
  )
  expect(insertFromFile('INSERT INTO t SELECT 1', '/tmp/x')).toBeNull()
})
