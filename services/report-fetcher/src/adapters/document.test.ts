import { gzipSync } from 'node:zlib'
import { type CellName, rowDigest } from '@backhaul/domain'
import { describe, expect, test } from 'vitest'
import {
  COLUMNS,
  csvCell,
  flatFile,
  inCharset,
  type Return,
  returnOf,
  XML_COLUMNS,
  xmlDocument,
  xmlReturn,
} from '../../fuzz/returns.ts'
import { type DocumentHints, readDocument } from './document.ts'

const DE: DocumentHints = { charset: null, sellerId: 'A0SELLER', marketplaceId: 'A1PA6795UKMFR9' }
const JP: DocumentHints = { ...DE, marketplaceId: 'A1VC38T7YXB528' }

async function read(document: string | Uint8Array, hints: Partial<DocumentHints> = {}, size = 1_000) {
  const bytes = Buffer.from(document as never)
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  }
  const reading = readDocument(pieces(), { ...DE, ...hints }, { copies: true })
  const batches = await Array.fromAsync(reading)
  return {
    rows: batches.flatMap((batch) => batch.rows),
    skipped: batches.flatMap((batch) => batch.skipped),
    copy: batches.map((batch) => batch.copy).join(''),
    summary: reading.summary(),
  }
}

/** What rows say, without their places. */
const said = ({ rows }: Awaited<ReturnType<typeof read>>) => rows.map((row) => rowDigest(row, []))
const cellsOf = async (document: string | Uint8Array, name: CellName, hints = {}) =>
  (await read(document, hints)).rows.map((row) => row.cells[name])

const returns = [
  returnOf(1),
  returnOf(2, { 'Item Name': 'Größe „M“ – 5 € & mehr', 'A-to-Z Claim': 'Y', 'Is prime': 'Y' }),
  returnOf(3, { 'Tracking ID': '', 'Return carrier': '', 'Refunded Amount': '', 'Label cost': '0.0' }),
]
const plain = flatFile(returns)

describe('SC-19, D14: flat file and XML give the same rows', () => {
  const asXml = xmlDocument(returns.map((r) => xmlReturn([r])))
  const inBoth = (r: Return) => Object.fromEntries(XML_COLUMNS.map((column) => [column, r[column] ?? '']))

  test('for the same returns, in all cells that both have', async () => {
    const [flat, xml] = [await read(flatFile(returns.map(inBoth))), await read(asXml)]
    expect(xml.rows).toEqual(flat.rows)
    expect(said(xml)).toEqual(said(flat))
    expect(xml.summary).toMatchObject({ format: 'xml', rowsInDocument: 3, rejected: {} })
  })

  test('for returns of several items, one row each', async () => {
    const items = [returnOf(1), returnOf(1, { 'Merchant SKU': 'other', ASIN: 'B000000002' })]
    expect(said(await read(xmlDocument([xmlReturn(items)])))).toEqual(
      said(await read(flatFile(items.map(inBoth)))),
    )
  })

  test('whatever is odd in the XML: no lines, prefixes, CDATA, a bare &, comments, blank elements', async () => {
    const oneLine = asXml.replaceAll(/\n\s*/g, '')
    const prefixed = asXml.replaceAll(/<(\/?)(\w+_\w+)>/g, '<$1ns2:$2>')
    const cdata = asXml.replaceAll(/<item_name>(.*?)<\/item_name>/g, (_, name) => {
      const text = name.replaceAll('&amp;', '&').replaceAll('&quot;', '"')
      return `<item_name><![CDATA[${text}]]></item_name>`
    })
    const bare = asXml.replaceAll('&amp;', '&')
    const commented = asXml.replaceAll(
      '<order_id>',
      '<!-- <order_id>9</order_id> --><invoice_number/><order_id>',
    )
    for (const odd of [oneLine, prefixed, cdata, bare, commented, `\uFEFF\n${asXml}`, `\n\t${asXml}`])
      expect(said(await read(odd))).toEqual(said(await read(asXml)))
  })

  test('an XML document says its charset itself', async () => {
    const latin = asXml.replace('UTF-8', 'ISO-8859-1')
    expect(said(await read(inCharset(latin, 'win1252'), { charset: 'UTF-8' }))).toEqual(
      said(await read(asXml)),
    )
  })

  test('one broken return is rejected and its neighbours are read; one without an end is refused', async () => {
    const broken = asXml.replace('</item_name><asin>', '<asin>')
    const { rows, summary } = await read(broken)
    expect(rows.map((row) => row.rowNumber)).toEqual([2, 3])
    expect(summary.rejectedRows).toEqual([{ rowNumber: 1, reason: 'element_not_closed' }])
    await expect(read(asXml.slice(0, -40))).rejects.toMatchObject({
      code: 'DOCUMENT_UNREADABLE',
      message: expect.stringContaining('cut'),
    })
  })

  test('an XML report without returns is a returns report without rows', async () => {
    expect((await read(xmlDocument([]))).summary).toMatchObject({ format: 'xml', rowsInDocument: 0 })
  })
})

describe('C10: rows are read by their header, however the table is written', () => {
  const kebab = COLUMNS.map((column) => column.replaceAll(' ', '-').toLowerCase())
  const renamed = (names: readonly string[]) => plain.replace(COLUMNS.join('\t'), names.join('\t'))
  const lineEnds = (end: string) => flatFile(returns, COLUMNS, { lineEnd: end })
  const quote = (cell: string) => `"${cell.replaceAll('"', '""')}"`
  const rows = plain.split('\n').slice(1, -1)

  test.each([
    ['kebab-case headers', renamed(kebab)],
    ['snake-case headers', renamed(kebab.map((name) => name.replaceAll('-', '_')))],
    ['camel-case headers', renamed(COLUMNS.map((name) => name.replaceAll(/[ -]/g, '')))],
    ['upper-case headers with blanks', renamed(COLUMNS.map((name) => ` ${name.toUpperCase()} `))],
    ['columns in reverse', flatFile(returns, COLUMNS.toReversed())],
    ['CRLF', lineEnds('\r\n')],
    ['CR alone', lineEnds('\r')],
    ['CR twice before LF', lineEnds('\r\r\n')],
    ['no last line end', plain.slice(0, -1)],
    ['blank lines', plain.replaceAll('\n', '\n\n \n\t\t\n')],
    ['the end mark of an old disk', `${plain}\u001a`],
    ['tabs behind the last column', lineEnds('\t\t\n')],
    ['a tab behind each row', plain.replaceAll(/(?<=\n.*)\n/g, '\t\n')],
    ['a tab behind the header', plain.replace('\n', '\t\n')],
    ['blanks and tabs before the header', `\n \t\n\t\t\n  ${plain}`],
    [
      'row numbers without a header',
      plain
        .split('\n')
        .map((row, n) => `${n || ''}\t${row}`)
        .join('\n')
        .slice(0, -2),
    ],
    ['a repeated header', plain.replaceAll(/\n(?=303-.*\n303)/g, `\n${COLUMNS.join('\t')}\n`)],
    ['a byte-order mark', `\uFEFF${plain}`],
    [
      'joined documents of other columns, with a mark between',
      `${flatFile(returns.slice(0, 1))}\uFEFF${flatFile(returns.slice(1), COLUMNS.toReversed())}`,
    ],
    ['every cell in quotes', flatFile(returns, COLUMNS, { write: quote })],
    ['quotes where a program needs them', flatFile(returns, COLUMNS, { write: csvCell })],
    ['commas', flatFile(returns, COLUMNS, { separator: ',', write: csvCell })],
    ['semicolons', flatFile(returns, COLUMNS, { separator: ';', write: csvCell })],
    ['spaces around cells', plain.replaceAll('\t', ' \t ')],
    ['UTF-16 with a mark', Buffer.from(`\uFEFF${plain}`, 'utf16le')],
    ['UTF-16, big end first', Buffer.from(`\uFEFF${plain}`, 'utf16le').swap16()],
    ['gzip', gzipSync(plain)],
    ['gzip twice', gzipSync(gzipSync(plain))],
    ['gzip in two members', Buffer.concat([gzipSync(plain.slice(0, 300)), gzipSync(plain.slice(300))])],
    ['windows-1252', inCharset(plain, 'win1252')],
    [
      'windows-1252 with UTF-8 behind it',
      Buffer.concat([
        inCharset(`${COLUMNS.join('\t')}\n${rows[0]}\n`, 'win1252'),
        Buffer.from(`${rows[1]}\n${rows[2]}\n`),
      ]),
    ],
  ])('%s', async (_, document) => {
    const { rows: found, summary } = await read(document)
    expect(summary.rejectedRows).toEqual([])
    expect(found.map((row) => rowDigest(row, []))).toEqual(said(await read(plain)))
    expect(found.map((row) => row.rowNumber)).toEqual([1, 2, 3])
  })

  test.each([16, 32, 33, 35])('A7: a document of %i columns', async (count) => {
    const all = [...COLUMNS, 'Order Item ID', 'Category', 'VAT']
    const columns =
      count < 32 ? XML_COLUMNS.slice(0, count + 1).filter((name) => name !== 'Category') : all.slice(0, count)
    const given = returnOf(1, { 'Order Item ID': '00000000000011', Category: 'Apparel', VAT: '3.19' })
    const needed = [...new Set([...columns, 'Order ID', 'Return request date', 'Merchant SKU'])]
    const { rows: found, summary } = await read(flatFile([given], needed))
    expect(summary).toMatchObject({ rowsInDocument: 1, unknownColumns: [], droppedColumns: 0, rejected: {} })
    expect(found[0]?.cells.vat).toBe(count === 35 ? '3.19' : null)
    expect(found[0]?.cells.orderItemId).toBe(count >= 33 ? '00000000000011' : null)
  })

  test.each([
    ['an inch mark', 'Monitor 24"', 'Monitor 24"'],
    ['an inch mark at the begin', '"Best" lamp 12"', '"Best" lamp 12"'],
    ['two inch marks', '24" x 12"', '24" x 12"'],
    ['a title in quotes', '"The Lamp"', '"The Lamp"'],
    ['a quote alone', '"', '"'],
    ['doubled quotes of CSV', '"Monitor 24"" flat"', 'Monitor 24" flat'],
    ['a tab in quotes', '"a\tb"', 'a\tb'],
    ['a line break in quotes', '"a\nb"', 'a\nb'],
    ['lines and quotes in quotes', '"a ""b""\n\nc 5"""', 'a "b"\n\nc 5"'],
  ])('quotes are read as what they are: %s', async (_, cell, name) => {
    const document = flatFile([returnOf(1), returnOf(2, { 'Item Name': cell }), returnOf(3)])
    expect(await cellsOf(document, 'itemName')).toEqual([
      returnOf(1)['Item Name'],
      name,
      returnOf(3)['Item Name'],
    ])
  })

  test('an open quote never swallows the rows behind it', async () => {
    const cut = `${flatFile([returnOf(1)])
      .trimEnd()
      .split('\t')
      .slice(0, 47)
      .join('\t')}\t"Lamp\n`
    const { rows: found, summary } = await read(
      cut +
        flatFile([returnOf(2, { 'Item Name': 'Lamp 12"' }), returnOf(3, { 'Item Name': 'x"' })])
          .split('\n')
          .slice(1)
          .join('\n'),
    )
    expect(summary.rejectedRows).toEqual([{ rowNumber: 1, reason: 'too_few_columns' }])
    expect(found.map((row) => row.rowNumber)).toEqual([2, 3])
  })

  test('a short row is read when only its blank end was left out, else it is rejected', async () => {
    const [header, row] = plain.split('\n') as [string, string]
    const upTo = (count: number) => row.split('\t').slice(0, count).join('\t')
    const { rows: found, summary } = await read(
      [header, upTo(26), upTo(25), upTo(20), row, upTo(27)].join('\n'),
    )
    expect(found.map((r) => r.rowNumber)).toEqual([1, 4])
    expect(found[0]?.cells).toMatchObject({ orderQuantity: '1', refundedAmount: null })
    // The last line has no end: its last cell may be cut.
    expect(summary.rejectedRows.map((r) => r.rowNumber)).toEqual([2, 3, 5])
  })

  test('headers of Seller Central in German', async () => {
    const document = `Bestellnummer\tDatum der Rücksendeanforderung\tHändler-SKU\tAmazon-RMA-Nummer\tRücksendegrund\tErstatteter Betrag
303-0000000-0000001\t02-Aug-2026\t00123\tDaRRMA\tArtikel ist fehlerhaft\t77,98\n`
    for (const bytes of [
      Buffer.from(document),
      Buffer.from(document.normalize('NFD')),
      inCharset(document, 'win1252'),
    ])
      expect((await read(bytes)).rows).toMatchObject([
        { cells: { merchantSku: '00123', amazonRmaId: 'DaRRMA', refundedAmount: '77,98' } },
      ])
  })

  test('one bad date rejects its row; a word for none does not', async () => {
    const dates = [
      '31-Feb-2026',
      '02-Aug-2026',
      '2026-08-02',
      '2026-08-02T01:00:00+02:00',
      '2-août-2026',
      '02.08.2026',
    ]
    const document = flatFile(
      dates.map((date, n) => returnOf(n, { 'Return request date': date, 'Return delivery date': 'N/A' })),
    )
    expect((await read(document)).summary.rejectedRows).toEqual([{ rowNumber: 1, reason: 'date_unreadable' }])
  })
})

describe('C9: the charset is that of the bytes', () => {
  const name = 'テスト商品 ｱｲｳ ソ表示'
  const japanese = flatFile([returnOf(1, { 'Item Name': name }), returnOf(2, { 'Item Name': 'ﾃｱ' })])

  test.each([
    ['Shift-JIS by its name', inCharset(japanese, 'Shift_JIS'), { charset: 'Shift_JIS' }],
    ['Shift-JIS by Java’s name', inCharset(japanese, 'Shift_JIS'), { charset: 'MS932' }],
    ['Shift-JIS of Japan without a name', inCharset(japanese, 'Shift_JIS'), JP],
    ['Shift-JIS by its kana', inCharset(japanese, 'Shift_JIS'), {}],
    ['Shift-JIS that is called Cp1252', inCharset(japanese, 'Shift_JIS'), { charset: 'Cp1252' }],
    ['Shift-JIS that is called UTF-8', inCharset(japanese, 'Shift_JIS'), { charset: 'UTF-8' }],
    ['UTF-8 of Japan', Buffer.from(japanese), JP],
    ['UTF-8 that is called Shift-JIS', Buffer.from(japanese), { charset: 'Windows-31J' }],
  ])('%s', async (_, bytes, hints) => {
    for (const size of [13, 5_000])
      expect((await read(bytes, hints, size)).rows.map((row) => row.cells.itemName)).toEqual([name, 'ﾃｱ'])
  })

  test('a document of Turkey that names none is in the charset of Turkey', async () => {
    const given = returnOf(1, { 'Item Name': 'Işık şapka ğ “x”', 'Return request date': '14-Ağu-2026' })
    const TR = { marketplaceId: 'A33AVAJ2PDY3EV' }
    for (const bytes of [inCharset(flatFile([given]), 'win1254'), Buffer.from(flatFile([given]))])
      expect(await cellsOf(bytes, 'itemName', TR)).toEqual([given['Item Name']])
  })

  test('one line with bytes of no charset is one bad row', async () => {
    const bytes = Buffer.from(flatFile(Array.from({ length: 20 }, (_, n) => returnOf(n))))
    bytes[bytes.lastIndexOf('ß') + 1] = 0xff
    const { rows, summary } = await read(bytes)
    expect(rows).toHaveLength(19)
    expect(summary).toMatchObject({ rejected: { control_character: 1 }, charsets: ['utf-8'] })
  })
})

describe('C8: another document is refused whole, and named', () => {
  test.each([
    ['return-date\torder-id\tsku\tasin\tfnsku\tlicense-plate-number\n', 'an FBA customer returns report'],
    ['amazon-order-id\tpurchase-date\tsku\n', 'an orders report'],
    ['order-id\torder-item-id\tpurchase-date\tbuyer-email\n', 'an orders report'],
    ['settlement-id\tamount\n', 'a settlement report'],
    ['"reimbursement-id","order-id"\n', 'an FBA reimbursements report'],
    ['<!DOCTYPE html>\n<html><body>Sorry</body></html>', 'an HTML page'],
    ['<html><body>Sorry<br></body></html>', 'an HTML page'],
    [
      '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
      'an error answer of the document store',
    ],
    [xmlDocument([], { messageType: 'OrderReport' }), 'an orders report'],
    ['<?xml version="1.0"?><note>x</note>', 'an XML document without returns'],
    ['{"errors":[{"code":"InvalidInput"}]}', 'a JSON document'],
    ['PK\u0003\u0004\u0014', 'an Excel workbook or a ZIP archive'],
    [Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1]), 'an Excel workbook'],
    ['%PDF-1.7', 'a PDF'],
    ['', 'an empty document'],
    [' \n\n', 'an empty document'],
    [Buffer.from([1, 2, 3, 250, 251, 9]), 'a table without the columns'],
  ])('%j', async (document, looksLike) => {
    await expect(read(document)).rejects.toMatchObject({
      code: 'DOCUMENT_NOT_RETURNS',
      message: expect.stringContaining(looksLike),
    })
  })

  test('the document of another seller, in both formats', async () => {
    const other = flatFile([returnOf(1, { 'Seller ID': 'A0OTHER' })], [...COLUMNS, 'Seller ID'])
    const otherXml = xmlDocument([xmlReturn([returnOf(1)])]).replace(
      '<DocumentVersion>',
      '<MerchantIdentifier>A0OTHER</MerchantIdentifier><DocumentVersion>',
    )
    for (const document of [other, otherXml]) {
      await expect(read(document)).rejects.toMatchObject({ code: 'DOCUMENT_OF_OTHER_SELLER' })
      expect((await read(document, { sellerId: 'a0other' })).rows).toHaveLength(1)
    }
  })

  test('RC-41: rows of another marketplace are skipped, and counted', async () => {
    const columns = [...COLUMNS, 'Marketplace']
    const names = ['Amazon.de', 'amazon.fr', 'A1PA6795UKMFR9', 'FR', '', 'Non-Amazon']
    const others = ['www.amazon.co.uk', 'https://www.amazon.ca/', 'UK', 'Amazon Canada']
    const document = flatFile(
      [...names, ...others].map((Marketplace, n) => returnOf(n, { Marketplace })),
      columns,
    )
    const { rows, skipped, summary } = await read(document)
    expect(rows.map((row) => row.rowNumber)).toEqual([1, 3, 5, 6])
    expect(skipped.map((row) => row.rowNumber)).toEqual([2, 4, 7, 8, 9, 10])
    expect(summary).toMatchObject({ rowsInDocument: 10, skipped: { other_marketplace: 6 } })
  })

  test('a tag, an element or a line without an end is refused before it fills the memory', async () => {
    const endless = async function* (text: string) {
      yield Buffer.from(`${text}${'x'.repeat(100)}`)
      for (let n = 0; n < 100; n++) yield Buffer.from('y'.repeat(100_000))
    }
    for (const begin of [
      '<a b="',
      '<!--',
      '<a><return_details><item_name>',
      `${COLUMNS.join('\t')}\n`,
      `${COLUMNS.join('\t')}\n"`,
    ])
      await expect(Array.fromAsync(readDocument(endless(begin), DE))).rejects.toMatchObject({
        code: 'DOCUMENT_UNREADABLE',
      })
    await expect(read('<a>'.repeat(100))).rejects.toMatchObject({ code: 'DOCUMENT_UNREADABLE' })
  })
})

describe('A7: columns that are not known', () => {
  test('a tab that ends the header is none', async () => {
    const { summary } = await read(plain.replace('\n', '\t\n'))
    expect(summary).toMatchObject({ droppedColumns: 0, rejected: {} })
  })

  test('are kept in extra when their name is harmless, and told', async () => {
    const columns = [
      ...COLUMNS,
      'Restocking fee',
      'Return channel',
      'warehouse-id',
      'First scan date',
      'New column 2',
    ]
    const given = {
      'Restocking fee': '1.50',
      'Return channel': 'drop-off',
      'warehouse-id': 'W1',
      'New column 2': 'x',
    }
    const { rows, summary } = await read(flatFile([returnOf(1, given)], columns))
    expect(rows[0]?.extra).toEqual(given)
    expect(summary.unknownColumns).toEqual(columns.slice(COLUMNS.length))
    const xml = xmlReturn([returnOf(1)], '<restocking_fee>1.50</restocking_fee>')
    expect((await read(xmlDocument([xml]))).rows[0]?.extra).toEqual({ restocking_fee: '1.50' })
  })
})
