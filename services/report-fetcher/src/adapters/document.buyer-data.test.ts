import { describe, expect, test } from 'vitest'
import { COLUMNS, flatFile, returnOf, xmlDocument, xmlReturn } from '../../fuzz/returns.ts'
import { rawLine } from '../steps/raw-line.ts'
import { readDocument } from './document.ts'

const DE = { charset: null, sellerId: 'A0SELLER', marketplaceId: 'A1PA6795UKMFR9' }

/** Buyer columns of Amazon's reports, their like in other spellings and languages, and innocent words put together badly. */
const BUYER_COLUMNS =
  `buyer-email,Buyer Name,BUYER_PHONE_NUMBER,buyerName,BuyerEmail,recipient-name,ship-address-1,Ship Address 2,shipCity,
  ship-state,ship-postal-code,ship-country,ship-phone-number,cpf,buyer-identification-number,buyer-identification-type,
  buyer-company-name,buyer-requested-cancel-reason,customer-comments,Customer comment,Return comment,bill-address-1,
  gift-message-text,delivery-instructions,Delivery code,purchase-order-number,tax-id,vat-number,licensee-name,
  default-ship-from-address-name,Käufername,Käufer-E-Mail,Kundenname,Telefon,Straße,PLZ,Ort,Anschrift,Nom du client,
  Adresse,Téléphone,Nombre del comprador,Dirección,Nome acquirente,Indirizzo,Naam koper,Imię,Adres,Alıcı adı,購入者名,
  電話番号,住所,Name,First,Last name,Contact,Address,Phone,E-mail,Requested by,Returned to,Signature,Notes,Remarks,Line 1,
  Item note,Return person,Order contact 2,is-buyer,Buyer (name)`.split(/,\s*/)
const canary = (n: number) => [`canary${n}@example.com`, `CANARY_${n}`, `Canary ${n} Street`][n % 3] as string
const canaries = Object.fromEntries(BUYER_COLUMNS.map((column, n) => [column, canary(n)]))

/** All that leaves the parser, as text. */
async function leavesOf(document: string): Promise<string> {
  const left: unknown[] = []
  const reading = readDocument(piecesOf(document), DE, { copies: true })
  try {
    for await (const batch of reading) left.push(batch)
  } catch (error) {
    left.push((error as Error).message, error)
  }
  return JSON.stringify([left, reading.summary()])
}

async function* piecesOf(text: string) {
  yield Buffer.from(text)
}

describe('A9: what stands in a buyer column never leaves the parser', () => {
  const columns = [...BUYER_COLUMNS.slice(0, 20), ...COLUMNS, ...BUYER_COLUMNS.slice(20)]
  const good = [1, 2, 3].map((n) => returnOf(n, { ...canaries, 'Item Name': `harmless-${n}` }))
  const withCanaries = (given: Record<string, string>) => returnOf(9, { ...canaries, ...given })
  const [, line = ''] = flatFile(good.slice(0, 1), columns).split('\n')

  test.each([
    ['rows that are read', flatFile(good, columns)],
    ['commas and quotes', flatFile(good, columns, { separator: ',', write: (cell) => `"${cell}"` })],
    ['a row without its first cells', `${flatFile(good, columns)}${line.split('\t').slice(3).join('\t')}\n`],
    ['a row with a cell too many', `${flatFile(good, columns)}x\t${line}\n`],
    ['a row cut in its midst', flatFile(good, columns) + line.slice(0, 200)],
    [
      'an open quote before a buyer cell',
      `${flatFile(good, columns)}${line.replace('CANARY_1', '"CANARY_1')}\n`,
    ],
    [
      'a line break in a buyer cell',
      `${flatFile(good, columns)}${line.replace('CANARY_1', '"CANARY_1\nCanary"')}\n`,
    ],
    ['a row without an order', flatFile([...good, withCanaries({ 'Order ID': '' })], columns)],
    ['a row without a SKU', flatFile([...good, withCanaries({ ASIN: '', 'Merchant SKU': '' })], columns)],
    ['a bad date', flatFile([...good, withCanaries({ 'Order date': '31-Feb-2026' })], columns)],
    ['a control character', flatFile([...good, withCanaries({ 'Item Name': 'a\u0000' })], columns)],
    [
      'a buyer cell with a control character',
      flatFile([...good, { ...good[0], 'Buyer Name': 'canary\u0000' }], columns),
    ],
    ['a second header in which they come', flatFile(good) + flatFile(good, columns)],
    ['another document', `${BUYER_COLUMNS.join('\t')}\n${line}\n`],
    ['no header at all', `${line}\n${line}\n`],
    [
      'a mail address where none should be',
      flatFile(
        good.map((r) => ({ ...r, 'Scan code': 'canary@example.com' })),
        [...columns, 'Scan code'],
      ),
    ],
  ])('flat file: %s', async (_, document) => {
    expect(await leavesOf(document)).not.toMatch(/canary/i)
  })

  const element = (column: string) => column.replaceAll(/[^\p{L}\d]+/gu, '_')
  const elements = BUYER_COLUMNS.map(
    (column, n) => `<${element(column)}>${canary(n)}</${element(column)}>`,
  ).join('')
  const inOther = `<buyer_info><id>CANARY_1</id><order_id>CANARY_2</order_id></buyer_info><shipping><item_details><reason>CANARY_3</reason></item_details></shipping>`
  const xml = (more: string) => xmlDocument([xmlReturn(good.slice(0, 2), more), xmlReturn(good.slice(2))])
  test.each([
    ['returns that are read', xml(elements)],
    ['elements of other elements', xml(`<buyer><id>CANARY_1</id><date>CANARY_2</date></buyer>`)],
    [
      'attributes and comments',
      xml('<return_date buyer="CANARY_1">x</return_date><!-- CANARY_2 --><?canary x?>'),
    ],
    ['an element that is not closed', xml(`${elements}<buyer_name>CANARY_1`)],
    ['a return that fails', xml(`${elements}<order_date>31-Feb-2026</order_date>`)],
    ['text between elements', xml('CANARY_1 <label_cost>1</label_cost> CANARY_2')],
    ['a document that is cut', xml(elements).slice(0, -60)],
    ['another document', `<?xml version="1.0"?><OrderReport>${elements}</OrderReport>`],
    ['a message type', xmlDocument([], { messageType: 'canary' })],
    ['a mail address', xml('<scan_code>canary@example.com</scan_code>')],
  ])('XML: %s', async (_, document) => {
    expect(await leavesOf(document)).not.toMatch(/canary/i)
  })

  test('an element of a buyer never counts as a cell of the row', async () => {
    const [batch] = await Array.fromAsync(readDocument(piecesOf(xml(inOther)), DE))
    expect(batch?.rows.map((row) => row.orderReference)).toEqual(
      [1, 1, 3].map((n) => returnOf(n)['Order ID']),
    )
    expect(batch?.rows.map((row) => row.cells.returnReason)).toEqual(Array(3).fill('CR-DEFECTIVE'))
  })

  test('A8: the raw line of a row is found in the copy, without them', async () => {
    for (const [document, holds] of [
      [flatFile(good, columns), /^303-.*harmless-2/],
      [xml(elements), /^<return_details>.*harmless-2/],
    ] as const) {
      const batches = await Array.fromAsync(readDocument(piecesOf(document), DE, { copies: true }))
      const copy = batches.map((batch) => batch.copy).join('')
      const found = await rawLine(piecesOf(copy), DE, 2)
      expect(found?.line).toMatch(holds)
      expect(JSON.stringify(found)).not.toMatch(/canary/i)
      expect(await rawLine(piecesOf(copy), DE, 4)).toBeNull()
    }
    const multiline = flatFile([returnOf(1, { 'Item Name': '"a\nb"' }), returnOf(2)])
    const header = COLUMNS.join('\t')
    expect(await rawLine(piecesOf(multiline), DE, 1)).toMatchObject({
      header,
      line: expect.stringContaining('a\nb'),
    })
    expect(await rawLine(piecesOf(multiline), DE, 2)).toMatchObject({
      header,
      line: expect.stringMatching(/^303-.*002\t/),
    })
  })
})
