import { gunzipSync } from 'node:zlib'
import { XMLParser } from 'fast-xml-parser'
import { afterEach, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../start.ts'
import { Caller, scenarioFile } from '../testing/caller.ts'
import { COLUMNS, layouts } from './layouts.ts'

const XML = 'GET_XML_RETURNS_DATA_BY_RETURN_DATE'
const ORDERS = 'GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL'
const DAY_MS = 86_400_000
let amazon: Simulator
const play = async (name?: string) => {
  const pace = { queueMs: 0, progressMs: 0 }
  amazon = await startSimulator({ ...(name ? { scenario: scenarioFile(name) } : { pace }), quotaFactor: 100 })
  return new Caller(amazon)
}
afterEach(() => amazon.stop())

type XmlReturn = Record<string, string> & {
  readonly item_details: Record<string, string>[]
  readonly label_details: Record<string, string>
}

const rowsOf = ([header = '', ...lines]: string[]) =>
  lines
    .filter((line) => line !== '')
    .map((line) => {
      const cells = line.split('\t')
      return Object.fromEntries(header.split('\t').map((name, n) => [name, cells[n]?.trim() ?? '']))
    })

test('flat file and XML tell the same returned items', async () => {
  const caller = await play()
  const flat = rowsOf(await caller.lines())
  const xml = (await caller.lines({ reportType: XML })).join('\n')
  const parser = new XMLParser({
    parseTagValue: false,
    isArray: (name) => /^(return|item)_details$/.test(name),
  })
  const returns: XmlReturn[] = parser.parse(xml).AmazonEnvelope.Message.return_details
  const items = returns.flatMap((r) =>
    r.item_details.map((item) =>
      [
        r.order_id,
        r.amazon_rma_id,
        r.return_request_status,
        item.merchant_sku,
        item.item_name,
        item.return_reason_code,
        item.return_quantity,
        item.refund_amount ?? '',
        r.label_details.tracking_id ?? '',
        r.order_amount,
      ].join('|'),
    ),
  )
  const expected = flat.map((row) =>
    [
      row['Order ID'],
      row['Amazon RMA ID'],
      row['Return request status'],
      row['Merchant SKU'],
      row['Item Name'],
      row['Return Reason'],
      row['Return quantity'],
      row['Refunded Amount'],
      row['Tracking ID'],
      row['Order Amount'],
    ].join('|'),
  )
  expect(items.length).toBeGreaterThan(20)
  expect(items.toSorted()).toEqual(expected.toSorted())
  expect(returns[0]?.order_date).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
})

test('a report holds the returns asked for within its window, and no others', async () => {
  const caller = await play()
  amazon.simulation.clock.move(14)
  const dates = rowsOf(await caller.lines({ days: 20 })).map((row) =>
    Date.parse(`${row['Return request date']} UTC`),
  )
  expect(dates.length).toBeGreaterThan(3)
  expect(Math.min(...dates)).toBeGreaterThanOrEqual(Date.now() - 21 * DAY_MS)
  expect(rowsOf(await caller.lines()).length).toBeGreaterThan(dates.length)
})

test('as simulated days pass, the same returns change, and another run of the seed tells the same', async () => {
  const run = async () => {
    const caller = await play('days-pass')
    amazon.simulation.clock.set({ at: Date.parse('2026-03-01T00:00:00Z'), speed: 1 })
    const before = rowsOf(await caller.lines())
    amazon.simulation.clock.advance(5 * DAY_MS)
    const after = rowsOf(await caller.lines())
    await amazon.stop()
    return { before, after }
  }
  const { before, after } = await run()
  const key = (row: Record<string, string>) => `${row['Amazon RMA ID']} ${row['Merchant SKU']}`
  const now = new Map(after.map((row) => [key(row), row]))
  const changed = before.filter(
    (row) => now.has(key(row)) && JSON.stringify(now.get(key(row))) !== JSON.stringify(row),
  )
  expect(changed.length).toBeGreaterThan(3)
  expect(await run()).toEqual({ before, after })
})

test('charsets: bytes and what the header says about them need not agree', async () => {
  const caller = await play('wrong-charset')
  const [de, fr, gb] = caller.marketplaces as [string, string, string]
  const plain = async (marketplace: string) => {
    const { bytes, contentType } = await caller.download({ marketplace })
    return { contentType, text: gunzipSync(bytes) }
  }
  const german = await plain(de)
  expect(german.contentType).toBe('text/plain; charset=UTF-8')
  expect(german.text.includes(Buffer.from('Kaffeemühle', 'latin1'))).toBe(true)
  const french = await plain(fr)
  expect(french.contentType).toBe('text/plain')
  expect(french.text.subarray(0, 3).toString('hex')).toBe('efbbbf')
  expect((await plain(gb)).contentType).toBe('text/plain')
})

test('compressionAlgorithm may lie in both directions', async () => {
  const caller = await play('lying-gzip')
  const [de, fr] = caller.marketplaces as [string, string]
  const german = await caller.download({ marketplace: de })
  expect([german.compressionAlgorithm, german.bytes.toString('latin1', 0, 8)]).toEqual(['GZIP', 'Order ID'])
  const french = await caller.download({ marketplace: fr })
  expect([french.compressionAlgorithm, french.bytes.toString('hex', 0, 2)]).toEqual([undefined, '1f8b'])
})

test("other reports' content: FBA returns, orders, an HTML page, another seller's returns, noise", async () => {
  const caller = await play('other-content')
  expect((await caller.lines())[0]).toMatch(/^return-date\torder-id/)
  expect((await caller.lines())[0]).toMatch(/^amazon-order-id\t/)
  expect((await caller.lines())[0]).toBe('<!DOCTYPE html>')
  const own = new Set(amazon.simulation.sellers.first.world.orders.map((order) => order.orderId))
  const strangers = rowsOf(await caller.lines())
  expect(strangers.length).toBeGreaterThan(3)
  expect(strangers.some((row) => own.has(row['Order ID'] as string))).toBe(false)
  expect((await caller.download()).bytes.length).toBeGreaterThan(1_000)
})

test('odd files: each layout and style carries the same orders', async () => {
  const caller = await play('odd-files')
  const orderOf = (row: Record<string, string>) =>
    row['Order ID'] ?? row['order-id'] ?? row.order_id ?? row.Bestellnummer
  const truth = await fetch(`${amazon.url}/_control/returns?marketplace=DE`)
  const expected = ((await truth.json()) as Record<string, string>[]).map((row) => row['Order ID'])
  const counts = []
  for (let n = 0; n < 6; n++) {
    const lines = await caller.lines()
    counts.push(lines[0]?.split('\t').length)
    expect(new Set(rowsOf(lines).map(orderOf))).toEqual(new Set(expected))
  }
  expect(counts).toEqual([16, 35, 32, 32, 32, 32])
  const broken = (await caller.lines()).join('\n')
  expect(broken.match(/^Order ID/gm)?.length).toBeGreaterThan(1)
  expect(broken).toMatch(/"[^"\t]*\n/)
  expect(rowsOf(await caller.lines())).toHaveLength(expected.length * 2)
})

test('layouts have the documented number of columns, in the documented order', () => {
  expect(COLUMNS).toHaveLength(32)
  expect(layouts['uk-2026'].map((column) => column.header).slice(32)).toEqual([
    'Category',
    'VAT',
    'Order Item ID',
  ])
})

test('the orders report holds the orders of the returns', async () => {
  const caller = await play()
  const orders = new Set(
    rowsOf(await caller.lines({ reportType: ORDERS, days: 90 })).map((r) => r['amazon-order-id']),
  )
  for (const row of rowsOf(await caller.lines())) expect(orders).toContain(row['Order ID'])
})

test('a document may come with Content-Encoding when the caller asks for it', async () => {
  const caller = await play()
  const { body } = await caller.create()
  const { reportDocumentId } = (await caller.get(body.reportId)).body
  const path = `/reports/2021-06-30/documents/${reportDocumentId}?enableContentEncodingUrlHeader=true`
  const answer = await fetch((await caller.call('GET', path)).body.url)
  expect(answer.headers.get('content-encoding')).toBe('gzip')
  expect((await answer.text()).startsWith('Order ID\t')).toBe(true)
})
