import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type DocumentRow,
  documentKind,
  FlatFileReader,
  identifyRows,
  type KnownRow,
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
const OWNER = { sellerId: 'A0SELLER', marketplaceId: 'A1PA6795UKMFR9' }
const read = (text: string) => {
  const reader = new FlatFileReader(OWNER, true)
  const [piece, rest] = [reader.read(text), reader.end()]
  return {
    rows: [...piece.rows, ...rest.rows],
    rejected: [...piece.rejected, ...rest.rejected],
    copy: piece.copy + rest.copy,
  }
}
const parse = (header: string[], ...lines: string[]) => read([header.join('\t'), ...lines, ''].join('\n'))
const rowsOf = (header: string[], ...lines: string[]): DocumentRow[] => parse(header, ...lines).rows
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

  test('C10: width, and marks that nobody sees, do not count in headers', () => {
    const header = ['\u200bＯｒｄｅｒ　ＩＤ', 'Return\u00a0request date', '\u200fMerchant SKU']
    expect(rowsOf(header, line('303-1', '02-Aug-2026', '00123'))[0]?.orderReference).toBe('303-1')
  })

  test('C10: a row with every cell in quotes is read without them, a title in quotes with them', () => {
    const quoted = plain.split('\t').map((cell) => `"${cell.replaceAll('"', '""')}"`)
    expect(rowsOf(HEADER, line(...quoted))).toEqual(rowsOf(HEADER, plain))
    const title = plain.replace('Lampe 12" groß', '"The Lamp"')
    expect(rowsOf(HEADER, title)[0]?.cells.itemName).toBe('"The Lamp"')
  })

  test('C10: a column that stands twice is the one that is filled', () => {
    const header = [...HEADER, 'Tracking ID', 'Order ID']
    expect(parse(header, `${plain}\tT1\t`, `${plain.replace('303-1', ' ')}\t\t303-2`).rows).toMatchObject([
      { orderReference: '303-1', cells: { trackingId: 'T1' } },
      { orderReference: '303-2', cells: { trackingId: null } },
    ])
  })

  test.each([
    '\u200e303-0000000-0000001\u200f',
    '303 - 0000000 - 0000001',
    '303\u20130000000\u20130000001',
    "'303-0000000-0000001",
    '="303-0000000-0000001"',
    '３０３－0000000－0000001',
    '303-\u200b0000000-0000001',
  ])('C10: the order ID %j is the one that Amazon knows', (spoiled) => {
    expect(rowsOf(HEADER, plain.replace('303-1', spoiled))[0]?.orderReference).toBe('303-0000000-0000001')
  })

  test('C10: marks that nobody sees do not count at the ends of a cell, and stay within', () => {
    const marked = plain.replace('00123', '\u200b\u200e 00\u200d123\u2069').replace('DaRRMA', '\u200b')
    const cells = { merchantSku: '00\u200d123', amazonRmaId: null }
    expect(rowsOf(HEADER, marked)[0]?.cells).toMatchObject(cells)
  })

  test('C10: a repeated header is no row, and takes no number', () => {
    expect(parse(HEADER, HEADER.join('\t'), plain)).toMatchObject({ rows: [{ rowNumber: 1 }], rejected: [] })
  })

  test.each([
    [line('303-1', '02-Aug-2026', 'D', 'S'), 'too_few_columns'],
    [`${plain}\tx`, 'too_many_columns'],
    [plain.replace('303-1', ' '), 'order_id_missing'],
    [plain.replace('00123\tB01', ' \t '), 'sku_missing'],
    [plain.replace('02-Aug', '31-Feb'), 'date_unreadable'],
    [plain.replace('Lampe', 'Lam\u0000pe'), 'control_character'],
    [plain.replace('\t1\t1', '\ttwo\t1'), 'quantity_unreadable'],
    [plain.replace('\t1\t1', '\t-1\t1'), 'quantity_unreadable'],
    [plain.replace('303-1', '3.03E+16'), 'number_shortened'],
    [plain.replace('00123', '4,00638E+12'), 'number_shortened'],
    [plain.replace(/ $/, '9.4001E+21'), 'number_shortened'],
  ])('C16: %j is one bad row, named by number and reason', (bad, fault) => {
    const { rows, rejected } = parse(HEADER, plain, bad, plain)
    expect(rows.map((r) => r.rowNumber)).toEqual([1, 3])
    expect(rejected).toEqual([{ rowNumber: 2, reason: fault }])
  })

  test('C10: blank cells behind the last column count as none', () => {
    expect(rowsOf(HEADER, `${plain}\t \t`)).toHaveLength(1)
  })

  test('C9: a text without line ends is refused before it fills the memory', () => {
    const reader = new FlatFileReader(OWNER, false)
    expect(() => {
      for (let n = 0; n < 20; n++) reader.read('x'.repeat(100_000))
    }).toThrow(expect.objectContaining({ code: 'DOCUMENT_UNREADABLE' }))
  })

  test('C10: quotes are letters, unless quoting explains the count of columns', () => {
    const quoted = line('303-1', '02-Aug-2026', 'D', 'S', 'B', '"a\tb ""c"""', '1', '1', '')
    expect(rowsOf(HEADER, quoted)[0]?.cells.itemName).toBe('a\tb "c"')
    const first = ['Item Name', ...HEADER.filter((name) => name !== 'Item Name')]
    const blankFirst = line('', '303-1', '02-Aug-2026', 'D', 'S', 'B', '1', '"1\t"', '')
    expect(rowsOf(first, blankFirst)[0]).toMatchObject({
      orderReference: '303-1',
      cells: { orderQuantity: '1' },
    })
  })

  test('A9, A7: an unknown column is kept only when each word of its header is harmless, else dropped everywhere', () => {
    const header = [...HEADER]
    header.splice(1, 0, 'Käufername', 'Refund date', 'Buyer name')
    header.push('ship-address-1', 'Tax ID', 'Restocking fee', 'Gift message')
    const cells = plain.split('\t')
    cells.splice(1, 0, 'Canary A', '03-Aug-2026', 'Canary B')
    const full = line(...cells, 'Canary C', 'Canary D', '1.50', 'Canary E')
    const kept = { extra: { 'Refund date': '03-Aug-2026', 'Restocking fee': '1.50' } }
    expect(rowsOf(header, full)[0]).toMatchObject(kept)
    const { copy } = parse(header, full)
    expect(copy).not.toMatch(/canary|käufer|buyer|address|tax|gift/i)
    expect(read(copy).rows).toEqual(rowsOf(header, full))
  })

  test('A9: a bad row of a document with dropped columns is withheld, and stays bad in the archive', () => {
    const header = ['Buyer name', ...HEADER].join('\t')
    const [short, long, stray] = [
      line('303-1', 'Canary'),
      `Canary\t${plain}\tCanary`,
      `Canary\t${plain.replace('Lampe 12" groß', '"Lam\tpe 12"" groß"')}`,
    ]
    const { copy } = read([header, short, long, stray, ''].join('\n'))
    expect(copy).not.toContain('Canary')
    expect(read(copy)).toMatchObject({
      rejected: [
        { rowNumber: 1, reason: 'too_few_columns' },
        { rowNumber: 2, reason: 'too_many_columns' },
      ],
      rows: [{ rowNumber: 3, cells: { itemName: 'Lam\tpe 12" groß' } }],
    })
  })

  describe('A9: a row whose cells may have moved into kept columns is refused, and withheld from the archive', () => {
    const header = ['Order ID', 'Buyer name', ...HEADER.slice(1)]
    const cells = ['303-1', 'Canary', ...plain.split('\t').slice(1)]
    const full = line(...cells)
    const withBuyer = (buyer: string) => full.replace('Canary', buyer)
    const lastLeftOut = (row: string) => row.slice(0, row.lastIndexOf('\t'))
    const csv = (...values: string[]) => values.map((value) => `${value}`).join(',')

    test.each([
      ['a tab in a buyer cell, the last cell blank', header, withBuyer('Can\tCanary'), 'too_many_columns'],
      ['two tabs, the last cells blank', header, withBuyer('Can\tCan\tCanary'), 'too_many_columns'],
      [
        'a tab at its end, and nothing behind the buyer that shows where cells stand',
        [...HEADER.slice(0, 6), 'Buyer name', 'Tracking ID'],
        line(...plain.split('\t').slice(0, 6), 'Canary', ' ', ''),
        'too_many_columns',
      ],
      [
        'a tab too many, its blank end left out, where a tab ends the header',
        [...HEADER.slice(0, 6), 'Buyer name', 'Tracking ID', ''],
        line(...plain.split('\t').slice(0, 6), 'Can', 'Canary', ' '),
        'too_many_columns',
      ],
      ['a cell missing in its midst', header, full.replace('Canary\t', ''), 'too_few_columns'],
      ['its blank end left out', header, lastLeftOut(full), 'too_few_columns'],
      [
        'a tab too many, its blank end left out',
        header,
        lastLeftOut(withBuyer('Can\tCanary')),
        'too_many_columns',
      ],
      [
        'a tab too many, the end of its line left out',
        [...header, ''],
        withBuyer('Can\tCanary x'),
        'too_many_columns',
      ],
      [
        'a tab too many, where a tab ends the header',
        [...HEADER.slice(0, 6), 'Buyer name', 'Tracking ID', ''],
        line(...plain.split('\t').slice(0, 6), 'Can', 'Canary', 'TRK'),
        'too_many_columns',
      ],
      [
        'a tab too many, and quotes of two cells that look like those of one',
        header,
        withBuyer('Can\tCanary').replace('B01\tLampe 12" groß', '"B01\tLampe 12"'),
        'too_many_columns',
      ],
    ])('%s', (_, headers, row, reason) => {
      const { rows, rejected, copy } = parse(headers, row)
      expect(rows).toEqual([])
      expect(rejected).toEqual([{ rowNumber: 1, reason }])
      expect(copy).not.toMatch(/Can|303-1/)
      expect(read(copy)).toMatchObject({ rows: [], rejected })
    })

    test.each([
      [
        'a comma between quotes, the last cell missing',
        csv('303-1', '"Canary, Jane"', '02-Aug-2026', 'S'),
        'too_many_columns',
      ],
      [
        'broken quotes around a comma, the last cell missing',
        csv('303-1', '"Canary, "J" x"', '02-Aug-2026', 'S'),
        'too_many_columns',
      ],
      ['a comma outside quotes', csv('303-1', 'Canary, Jane', '02-Aug-2026', 'S', '1'), 'too_many_columns'],
    ])('commas: %s', (_, row, reason) => {
      const headers = csv('Order ID', 'Buyer name', 'Return request date', 'Merchant SKU', 'Category')
      const { rows, rejected, copy } = read(`${headers}\n${row}\n`)
      expect(rows).toEqual([])
      expect(rejected).toEqual([{ rowNumber: 1, reason }])
      expect(copy).not.toMatch(/Canary|Jane/)
      expect(read(copy)).toMatchObject({ rows: [], rejected })
    })

    test.each([
      ['rows end in a tab, the header does not', header, [`${full}\t`, `${withBuyer('Canary 12"')}\t`]],
      ['rows end in blanks', header, [`${full}\t \t`, full]],
      ['the header ends in a tab, rows do not', [...header, ''], [full, withBuyer('"Canary ""C""\nDoe"')]],
      ['both end in a tab', [...header, ''], [`${full}\t`, `${withBuyer('"Canary ""C""\nDoe"')}\t`]],
      [
        'rows end in a tab, the buyer stands at their end',
        [...HEADER, 'Buyer name'],
        [`${plain}\tCanary\t`, `${plain}\t\t`],
      ],
    ])('a row whose cells prove that they are in place is read: %s', (_, headers, lines) => {
      const { rows, rejected, copy } = parse(headers, ...lines)
      expect(rejected).toEqual([])
      expect(rows).toEqual(rowsOf(HEADER, plain, plain))
      expect(copy).not.toMatch(/Canary|Doe/)
      expect(read(copy).rows).toEqual(rows)
    })

    test('quantities of a spreadsheet, with a decimal, are in their places', () => {
      const row = line(...cells.slice(0, 7), '2.0', '2,0', ' ')
      expect(parse(header, row)).toMatchObject({ rows: [{ cells: { returnQuantity: '2.0' } }], rejected: [] })
    })

    test('a row with its very cells is read, whatever stands in them', () => {
      const many = withBuyer('"Canary ""C""\tJane\nDoe"')
      const { rows, rejected, copy } = parse(header, full, many, withBuyer('Canary 12"'))
      expect(rejected).toEqual([])
      expect(rows).toEqual([1, 2, 3].map((rowNumber) => ({ ...rowsOf(HEADER, plain)[0], rowNumber })))
      expect(copy).not.toMatch(/Canary|Jane|Doe/)
    })

    test('wherever a separator too many stands, no cell of a buyer is kept', () => {
      const columns = ['Buyer name', ...HEADER.slice(0, 4), 'ship-city', ...HEADER.slice(4)]
      const given = fc.record({
        last: fc.constantFrom([], ['Notes', 'Category']),
        at: fc.nat(columns.length - 1),
        blank: fc.subarray(columns.filter((name) => !['Order ID', 'Merchant SKU'].includes(name))),
        count: fc.integer({ min: 1, max: 3 }),
        headerEnd: fc.constantFrom([], ['']),
        rowEnd: fc.constantFrom('', '\t', '\t \t'),
      })
      fc.assert(
        fc.property(given, ({ last, at, blank, count, headerEnd, rowEnd }) => {
          const all = [...columns, ...last]
          const moved = all.map((name) => {
            if (blank.includes(name) || name === 'Category') return ' '
            return plain.split('\t')[HEADER.indexOf(name)] ?? 'Canary'
          })
          const more = HEADER.includes(all[at] as string) ? '\tx' : '\tCanary'
          moved[at] = moved[at] + more.repeat(count)
          const { rows, rejected, copy } = parse([...all, ...headerEnd], line(...moved) + rowEnd)
          expect(JSON.stringify([rows, rejected, copy])).not.toContain('Canary')
        }),
        { numRuns: 5_000 },
      )
    })
  })

  test('C10: lines may end in more or fewer separators than the header, whatever the amounts', () => {
    const header = [...HEADER.slice(0, 8), 'Order Amount']
    const cells = plain.split('\t').slice(0, 8)
    for (const amount of ['1.234,56', '-5.00', '1 234', "1'234.50", '']) {
      const row = line(...cells, amount)
      if (amount !== '') expect(parse(header, `${row}\t`).rejected).toEqual([])
      expect(parse([...header, ''], row, `${row}\t`).rejected).toEqual(
        amount === '' ? [{ rowNumber: 1, reason: 'too_few_columns' }] : [],
      )
    }
    const noNumbers = HEADER.slice(0, 5)
    expect(parse(noNumbers, `${line(...cells.slice(0, 5))}\t`).rows).toHaveLength(1)
  })

  test('C10: a row longer by blanks is refused when its cells show that they have moved', () => {
    const moved = plain.replace('Lampe 12"', 'Lampe\t12"')
    expect(parse(HEADER, moved).rejected).toEqual([{ rowNumber: 1, reason: 'too_many_columns' }])
  })

  test('A8: a row with nothing but a buyer in it is none, so that the copy has the same rows', () => {
    const header = ['Buyer name', ...HEADER]
    const { rows, rejected, copy } = parse(header, `Canary${'\t '.repeat(9)}`, `Canary\t${plain}`)
    expect({ rows, rejected }).toMatchObject({ rows: [{ rowNumber: 1 }], rejected: [] })
    expect(read(copy)).toMatchObject({ rows, rejected })
  })

  test('A8: a line of a document without dropped columns is archived as it is', () => {
    for (const given of [plain, `${plain}\tx`, 'short'])
      expect(parse(HEADER, given).copy).toBe(`${HEADER.join('\t')}\n${given}\n`)
  })

  test('rows come whole from pieces cut anywhere, with either ending', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40)), (cuts) => {
        const text = `${HEADER.join('\t')}\r\n${plain}\n\n${plain}`
        const reader = new FlatFileReader(OWNER, false)
        const rows: DocumentRow[] = []
        let at = 0
        for (const cut of cuts) {
          rows.push(...reader.read(text.slice(at, at + cut)).rows)
          at += cut
        }
        rows.push(...reader.read(text.slice(at)).rows, ...reader.end().rows)
        expect(rows).toEqual(rowsOf(HEADER, plain, plain))
      }),
    )
  })

  test.each([
    [HEADER.join('\t'), 'returns'],
    ['return-date\torder-id\tsku\tasin\tfnsku\tlicense-plate-number', 'an FBA customer returns report'],
    ['amazon-order-id\tpurchase-date', 'an orders report'],
    ['<!DOCTYPE html><html>', 'an HTML page'],
    ['{"errors":[]}', 'a JSON document'],
    ['Order-ID,Order-date,ASIN', 'a table separated by commas or semicolons'],
    ['PK\u0003\u0004\u0014', 'an Excel workbook or a ZIP archive'],
    ['', 'an empty document'],
    ['Service Unavailable', 'a text without columns'],
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

  test('A2: a row whose RMA is known is matched before a blank one takes its place', () => {
    const blank = at({ amazonRmaId: null })
    const known = [...identities([blank]), ...identities([at({})])]
    for (const order of [known, [...known].reverse()]) {
      const again = identities([at({}), blank], order)
      expect(again.find((r) => r.amazonRmaId === 'DaRRMA')?.rowId).toBe(known[1]?.rowId)
      expect(again.find((r) => r.amazonRmaId === null)?.rowId).toBe(known[0]?.rowId)
    }
  })

  test('A2: a new line never takes the identity of one that is not in the document', () => {
    const item = (orderItemId: string) => at({ orderItemId, orderQuantity: '3' })
    const first = identities([item('10')])
    const both = [...first, ...identities([item('10'), item('11')], first).slice(1)]
    const [third] = identities([item('12')], both) as [KnownRow]
    expect(both.map((r) => r.rowId)).not.toContain(third.rowId)
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

test('A1: the digest is the SHA-256 of sorted JSON, whatever the letters: released digests stay what they are', () => {
  const text = fc.string({
    unit: fc.constantFrom(...'ab \t\n"\\\u3000\u00a0\u2028é€„😀\ud83d\u0001'),
    maxLength: 8,
  })
  const [row] = rowsOf(HEADER, plain) as [DocumentRow]
  const names = Object.keys(row.cells)
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...names), text),
      fc.dictionary(text, text, { maxKeys: 3, noNullPrototype: true }),
      fc.subarray(['repeated_line', 'other']),
      (given, extra, flags) => {
        const cells = { ...row.cells, ...given }
        const said = [
          ...Object.entries(cells),
          ...Object.entries(extra).map(([name, v]) => [`extra.${name}`, v]),
        ]
          .filter(([, value]) => value !== null)
          .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
          .map(([name, value]) => `${name}=${String(value).replaceAll(/\s+/g, ' ')}`)
        const digest = createHash('sha256')
          .update(JSON.stringify([said, [...flags].sort()]))
          .digest('hex')
        expect(rowDigest({ cells, extra }, flags)).toBe(digest)
      },
    ),
    { numRuns: 500 },
  )
})

test('A2: one day is one, however it is spelled', () => {
  const [row] = rowsOf(HEADER, plain) as [DocumentRow]
  const on = (returnRequestDate: string) => ({
    ...row,
    cells: { ...row.cells, amazonRmaId: null, returnRequestDate },
  })
  const idOf = (date: string, known: KnownRow[] = []) =>
    identifyRows('seller/de', known, [on(date)]).rows[0]?.identity as KnownRow
  const first = idOf('02-Aug-2026')
  for (const date of ['2026-08-02', '2-aug-2026', '2026-08-02T12:44:17Z']) {
    expect(idOf(date).rowId).toBe(first.rowId)
    expect(idOf(date, [first]).rowId).toBe(first.rowId)
  }
})
