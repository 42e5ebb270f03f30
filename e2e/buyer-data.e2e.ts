import { readdir } from 'node:fs/promises'
import { COLUMNS, renderReport } from '@backhaul/amazon-simulator'
import { type TopicName, topics } from '@backhaul/flow'
import { openArchive } from '@backhaul/report-fetcher/archive'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshReference, giveOrders, orderLine, reportRow, salesOrder, tellAmazon } from './src/given.ts'
import { rawRecords } from './src/raw-records.ts'
import { returnEverywhere } from './src/returns.ts'
import { DE, endedRun, fetchReports, type Run, type Seller, setUpSeller } from './src/seller.ts'
import { type Story, startStory } from './src/story.ts'

/** In every cell that belongs to a buyer, and nowhere else. */
const CANARY = 'CanaryOfTheBuyer'
/** In a cell that is kept: a search that does not find it does not search. */
const MARKER = 'MarkerOfTheItem'

/** Columns of Amazon's reports that name a buyer or hold a buyer's words. Source: the order and FBA returns reports. */
const BUYER_COLUMNS = [
  'buyer-email',
  'buyer-name',
  'buyer-phone-number',
  'buyer-company-name',
  'buyer-identification-number',
  'buyer-identification-type',
  'buyer-requested-cancel-reason',
  'cpf',
  'recipient-name',
  'ship-address-1',
  'ship-address-2',
  'ship-address-3',
  'ship-city',
  'ship-state',
  'ship-postal-code',
  'ship-phone-number',
  'delivery-instructions',
  'gift-message-text',
  'customized-url',
  'purchase-order-number',
  'customer-comments',
  'Customer Comments',
  'Buyer comment',
  'Comment',
  'Notes',
]

let story: Story
let seller: Seller

beforeAll(async () => {
  story = await startStory()
  seller = await setUpSeller(story, [DE])
})
afterAll(() => story?.stop())

const canaries = Object.fromEntries(BUYER_COLUMNS.map((column) => [column, `${CANARY} ${column}`]))

async function imports(document: string): Promise<Run> {
  const form = new FormData()
  form.set('integrationId', seller.integrationId)
  form.set('marketplaceId', DE)
  form.set('file', new Blob([document]), `${CANARY}.txt`)
  const { reportRunId } = await story.call<{ reportRunId: string }>(
    'report-fetcher',
    'POST',
    '/v1/imports',
    form,
  )
  return endedRun(story, reportRunId)
}

/** What the refusal of a call says. */
const refusal = (call: Promise<unknown>) =>
  call.then(
    () => 'not refused',
    (error: Error) => error.message,
  )

/** Every place that keeps something, with all that it holds as text. */
async function everythingKept(): Promise<Map<string, string>> {
  const kept = new Map<string, string>()
  for (const topic of Object.keys(topics) as TopicName[]) {
    const records = await rawRecords(story, topic)
    const bytes = records.flatMap(({ key, value, headers }) => [key, value, ...Object.values(headers)])
    kept.set(topic, Buffer.concat(bytes.filter((b) => b !== null)).toString('latin1'))
  }
  const tables = await story.query<{ name: string }>(
    `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
     WHERE table_schema NOT IN ('pg_catalog', 'information_schema')`,
  )
  for (const { name } of tables) {
    // A row as text shows all its columns; bytes show as hex, in which the canary is looked for too.
    const rows = await story.query<{ row: string }>(`SELECT t::text AS row FROM ${name} AS t`)
    kept.set(`Postgres ${name}`, rows.map(({ row }) => row).join('\n'))
  }
  const analytics = await story.analytics<{ name: string }>(
    'SELECT name FROM system.tables WHERE database = currentDatabase()',
  )
  for (const { name } of analytics) {
    kept.set(`ClickHouse ${name}`, JSON.stringify(await story.analytics(`SELECT * FROM ${name}`)))
  }
  const archive = openArchive({ ARCHIVE_DIR: story.archive, ARCHIVE_KEYS: story.archiveKeys })
  for (const file of await readdir(story.archive, { recursive: true })) {
    const [sha256] = /[0-9a-f]{64}/.exec(file) ?? []
    if (!sha256) continue
    const pieces = await Array.fromAsync(archive.read(sha256), (piece) => Buffer.from(piece))
    kept.set(`archive ${file}`, Buffer.concat(pieces).toString('latin1'))
  }
  for (const service of Object.values(story.backhaul.services)) {
    kept.set(`metrics of ${service.name}`, await (await fetch(`${service.url}/metrics`)).text())
  }
  kept.set('logs', story.logs.join('\n'))
  return kept
}

/** Where a text stands, in any case, plain or as hex. */
async function placesOf(text: string): Promise<string[]> {
  const forms = [text.toLowerCase(), Buffer.from(text).toString('hex')]
  return [...(await everythingKept())]
    .filter(([, held]) => forms.some((form) => held.toLowerCase().includes(form)))
    .map(([place]) => place)
}

test('A9: what a report says of the buyer is found in no topic, table, archive, metric or log line', async () => {
  const [fetched, imported] = [freshReference(), freshReference()]
  const item = { 'Item Name': MARKER }
  await giveOrders(story, [salesOrder(fetched, seller.channels[DE])])
  story.amazon.extraColumns = canaries
  tellAmazon(story, DE, [reportRow(fetched, item)])
  await fetchReports(story, seller)
  await returnEverywhere(story, fetched, ({ link }) => link.status === 'LINKED')

  // The same by hand, with the buyer's columns in the middle, a line with a tab too many and one that is cut.
  const columns = [...COLUMNS.slice(0, 5), ...BUYER_COLUMNS, ...COLUMNS.slice(5)]
  const rows = Array.from({ length: 12 }, () => ({ ...reportRow(freshReference(), item), ...canaries }))
  const [header, ...lines] = renderReport([{ ...reportRow(imported, item), ...canaries }, ...rows], columns)
    .trimEnd()
    .split('\n') as [string, ...string[]]
  const shifted = lines[11]?.replace(`${CANARY} buyer-name`, `${CANARY}\tbuyer-name`)
  const cut = lines[12]?.split('\t').slice(0, 12).join('\t')
  const run = await imports([header, ...lines.slice(0, 11), shifted, cut].join('\n'))
  expect(run).toMatchObject({
    state: 'PUBLISHED',
    counts: { rowsInDocument: 13, new: 11, rejected: { too_many_columns: 1, too_few_columns: 1 } },
  })
  await returnEverywhere(story, imported, 1)

  expect(await placesOf(MARKER)).toEqual(
    expect.arrayContaining([
      'amazon-return-rows.v1',
      'return-orders.v1',
      'reconciler.order-state.v1',
      'Postgres returns.return_orders',
      'ClickHouse return_items',
      expect.stringMatching(/^archive /),
    ]),
  )
  expect(await placesOf(CANARY)).toEqual([])
})

test('A9: a file or a report that is about orders is refused, and nothing of it is kept or said', async () => {
  const orders = `amazon-order-id\tpurchase-date\tbuyer-email\n303-1\t2026-01-01\t${CANARY}\n`
  expect(await refusal(imports(orders))).toMatch(/answered 422.*an orders report/)
  story.amazon.givenDocuments.set(DE, [{ bytes: Buffer.from(orders), charset: 'UTF-8', gzip: false }])
  expect(await fetchReports(story, seller)).toMatchObject([{ state: 'QUARANTINED' }])
  expect(await placesOf(CANARY)).toEqual([])
})

test.each([
  ['a name', { buyerName: CANARY }],
  ['an address', { shippingAddress: { name: CANARY, street: CANARY } }],
  ['an e-mail address', { buyer: { email: CANARY } }],
  ["a buyer's words at an item", { items: [orderLine('SKU-1', { buyerComment: CANARY })] }],
  ["a buyer's words at the wish to cancel", { cancelRequested: { value: 'yes', comment: CANARY } }],
  ['a buyer in place of a reference', { buyerRef: { name: CANARY } }],
])('A9: a sales order with %s is refused without repeating it', async (_, given) => {
  const said = await refusal(giveOrders(story, [salesOrder(freshReference(), seller.channels[DE], given)]))
  expect(said).toMatch(/answered 422/)
  expect(said).not.toContain(CANARY)
  expect(await placesOf(CANARY)).toEqual([])
})
