import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type DocumentRow,
  documentKind,
  FlatFileParser,
  identifyRows,
  type KnownRow,
  linesOf,
  rowDigest,
} from './index.ts'

const HEADER = [
  'Order ID',
  'Return request date',
  'Amazon RMA ID',
  'Merchant SKU',
  'ASIN',
  'Item Name',
  'Return quantity',
  'Order quantity',
  'Tracking ID',
]
const line = (...cells: string[]) => cells.join('\t')
const parse = (header: string[], ...lines: string[]) => {
  const parser = new FlatFileParser(header.join('\t'))
  return lines.map((l) => parser.parse(l))
}
const rowsOf = (header: string[], ...lines: string[]): DocumentRow[] =>
  parse(header, ...lines).flatMap((p) => (p && 'row' in p ? [p.row] : []))
const plain = line('303-1', '02-Aug-2026', 'DaRRMA', '00123', 'B01', 'Lampe 12" groß', '1', '1', ' ')

describe('parsing', () => {
  test('C10: cells are found by header, trimmed, and one blank is none', () => {
    expect(rowsOf(HEADER, plain)[0]).toMatchObject({
      rowNumber: 1,
      orderReference: '303-1',
      cells: { merchantSku: '00123', itemName: 'Lampe 12" groß', trackingId: null },
    })
  })

  test('C10: order, case and spelling of headers do not count', () => {
    const kebab = ['merchant-sku', 'ORDER_ID', 'return-request-date']
    expect(rowsOf(kebab, line('00123', '303-1', '02-Aug-2026'))[0]).toMatchObject({
      orderReference: '303-1',
      cells: { merchantSku: '00123' },
    })
  })

  test('C10: a short row lacks its last cells; a repeated header is no row; too many cells are a fault', () => {
    const [short, header, long] = parse(HEADER, line('303-1', '', '', 'S'), HEADER.join('\t'), `${plain}\tx`)
    expect(short).toMatchObject({ row: { cells: { merchantSku: 'S', itemName: null } } })
    expect(header).toBeNull()
    expect(long).toEqual({ rowNumber: 2, fault: 'too_many_columns' })
  })

  test('C10: quotes are letters, unless quoting explains the count of columns', () => {
    const quoted = line('303-1', '02-Aug-2026', 'D', 'S', 'B', '"a\tb ""c"""', '1', '1', '')
    expect(rowsOf(HEADER, quoted)[0]?.cells.itemName).toBe('a\tb "c"')
  })

  test('A9: columns that may hold buyer data are dropped, also from what is archived', () => {
    const header = [...HEADER, 'Buyer name', 'ship-address-1', 'Gift wrap', 'Loyalty']
    const full = `${plain}\tCanary Person\tCanary Street 1\tyes\tcanary@example.com`
    const [row] = rowsOf(header, full)
    expect(row?.extra).toEqual({ 'Gift wrap': 'yes' })
    const parser = new FlatFileParser(header.join('\t'))
    expect(parser.redact(full).toLowerCase()).not.toContain('canary')
    expect(parser.redact(header.join('\t'))).not.toMatch(/Buyer|address/)
  })

  test('lines come whole from pieces cut anywhere, with either ending', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(40)), async (cuts) => {
        const text = `${HEADER.join('\t')}\r\n${plain}\n\n${plain}`
        const pieces: string[] = []
        let at = 0
        for (const cut of cuts) {
          pieces.push(text.slice(at, at + cut))
          at += cut
        }
        pieces.push(text.slice(at))
        expect(await Array.fromAsync(linesOf(pieces))).toEqual([HEADER.join('\t'), plain, plain])
      }),
    )
  })

  test.each([
    [HEADER.join('\t'), 'returns'],
    ['return-date\torder-id\tsku\tasin\tfnsku\tlicense-plate-number', 'an FBA customer returns report'],
    ['amazon-order-id\tpurchase-date', 'an orders report'],
    ['<!DOCTYPE html><html>', 'an HTML page'],
    ['{"errors":[]}', 'a JSON document'],
    ['a,b,c', 'a table without the columns order_id, return_request_date, merchant_sku'],
  ])('C8: a document that begins with %j is %s', (first, kind) => {
    const found = documentKind(first)
    expect(found.returns ? 'returns' : found.looksLike).toBe(kind)
  })
})

describe('identity', () => {
  const at = (given: Partial<Record<string, string | null>>, rowNumber = 1): DocumentRow => {
    const [row] = rowsOf(HEADER, plain) as [DocumentRow]
    return { ...row, rowNumber, cells: { ...row.cells, ...given } as never }
  }
  const ids = (known: KnownRow[], rows: DocumentRow[]) => identifyRows('seller/de', known, rows)
  const identities = (rows: DocumentRow[], known: KnownRow[] = []) =>
    ids(known, rows).rows.map((r) => r.identity)

  test('A2: two RMAs for one SKU stay two returns; two items of one RMA are one', () => {
    const [a, b] = identities([at({}), at({ amazonRmaId: 'DbRRMA' }, 2)])
    expect(a?.returnId).not.toBe(b?.returnId)
    const [c, d] = identities([at({}), at({ merchantSku: 'other' }, 2)])
    expect(c?.returnId).toBe(d?.returnId)
    expect(c?.rowId).not.toBe(d?.rowId)
  })

  test('A2: a row is known again, however far it has come', () => {
    const [first] = identities([at({})]) as [KnownRow]
    expect(identities([at({ trackingId: 'T1', returnQuantity: '2' })], [first])[0]?.rowId).toBe(first.rowId)
  })

  test('A2: a blank RMA that is filled in later is the same row and return', () => {
    const [first] = identities([at({ amazonRmaId: null })]) as [KnownRow]
    const [later] = identities([at({})], [first])
    expect(later).toMatchObject({ rowId: first.rowId, returnId: first.returnId, amazonRmaId: 'DaRRMA' })
  })

  test('A2: before and after the order item id appears, a row is the same', () => {
    const two = [
      at({ returnQuantity: '1', orderQuantity: '2' }),
      at({ returnQuantity: '1', orderQuantity: '2' }, 2),
    ]
    const before = identities(two)
    const after = identities(
      two.map((r, n) => ({ ...r, cells: { ...r.cells, orderItemId: `1${n}` } })),
      before,
    )
    expect(new Set(after.map((r) => r.rowId))).toEqual(new Set(before.map((r) => r.rowId)))
    const again = identities(
      two.map((r, n) => ({ ...r, cells: { ...r.cells, orderItemId: `1${n}` } })).reverse(),
      after,
    )
    const byItem = (rows: KnownRow[]) => Object.fromEntries(rows.map((r) => [r.orderItemId, r.rowId]))
    expect(byItem(again)).toEqual(byItem(after))
  })

  test('Q12: equal lines beyond the ordered quantity are one line, flagged', () => {
    const { rows, repeated } = ids([], [at({}), at({}, 2)])
    expect(rows.map((r) => r.flags)).toEqual([['repeated_line']])
    expect(repeated.map((r) => r.rowNumber)).toEqual([2])
  })

  test('A1: shuffled rows get the same identities', () => {
    const rows = fc.array(
      fc.record({
        amazonRmaId: fc.constantFrom('DaRRMA', 'DbRRMA', null),
        merchantSku: fc.constantFrom('S1', 'S2'),
        orderQuantity: fc.constantFrom('1', '3'),
        returnRequestDate: fc.constantFrom('02-Aug-2026', '03-Aug-2026'),
      }),
      { minLength: 1, maxLength: 6 },
    )
    fc.assert(
      fc.property(rows, fc.infiniteStream(fc.nat(100)), (given, picks) => {
        const document = given.map((cells, n) => at(cells, n + 1))
        const first = identities(document)
        const shuffled = document
          .map((row) => ({ row, by: picks.next().value as number }))
          .sort((a, b) => a.by - b.by)
          .map(({ row }, n) => ({ ...row, rowNumber: n + 1 }))
        const again = identities(shuffled, first)
        expect(new Set(again.map((r) => r.rowId))).toEqual(new Set(first.map((r) => r.rowId)))
      }),
      { numRuns: 1_000 },
    )
  })
})

test('A1: the digest of a row does not know column order, blanks or place; it knows each value', () => {
  const [row] = rowsOf(HEADER, plain) as [DocumentRow]
  const [moved] = rowsOf([...HEADER].reverse(), '', plain.split('\t').reverse().join('\t  ')) as [DocumentRow]
  expect(rowDigest(moved, [])).toBe(rowDigest(row, []))
  expect(rowDigest({ ...row, cells: { ...row.cells, trackingId: 'T1' } }, [])).not.toBe(rowDigest(row, []))
})
