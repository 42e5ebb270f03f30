import { expect, test } from 'vitest'
import { flatFile, returnOf } from '../../fuzz/returns.ts'
import { readDocument } from '../adapters/document.ts'
import { countRows } from './count-rows.ts'

test('C16: a row that no record of a topic can hold is one bad row, and its neighbours are kept', async () => {
  const titles = ['Lamp', 'x'.repeat(250_000), 'Lamp']
  const rows = titles.map((title, n) => returnOf(n, { 'Item Name': title }))
  const bad = returnOf(9, { 'Order date': '31-Feb-2026' })
  const body = (async function* () {
    yield Buffer.from(flatFile([...rows, bad]))
  })()
  const document = readDocument(body, { charset: null, sellerId: 'A', marketplaceId: 'A1PA6795UKMFR9' })
  const kept: number[] = []
  const { counts, rejectedRows } = await countRows('2026-01-01', document, {
    chunks: 1,
    add: (row) => void kept.push(row.rowNumber),
  })
  expect(kept).toEqual([1, 3])
  expect(counts).toMatchObject({ rowsInDocument: 4, rejected: { row_too_long: 1, date_unreadable: 1 } })
  expect(rejectedRows.map((row) => row.rowNumber)).toEqual([2, 4])
})
