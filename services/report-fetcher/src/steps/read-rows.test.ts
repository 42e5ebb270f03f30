import fc from 'fast-check'
import { expect, test } from 'vitest'
import { flatFile, returnOf, xmlDocument, xmlReturn } from '../../fuzz/returns.ts'
import { readDocument } from '../adapters/document.ts'
import type { LedgerRow } from '../adapters/ledger.ts'
import { addsUp, type ReportRun } from '../report-run.ts'
import { mostlyBad, quarantinedCounts } from './mostly-bad.ts'
import { inOne, type RowsRead, readRows, surveyDocument } from './read-rows.ts'

const DE = { charset: null, sellerId: 'A0SELLER', marketplaceId: 'A1PA6795UKMFR9' }
const run = { ...DE, tenantId: 'tenant-1', startDay: '2026-01-01', observedAt: 1_000 } as unknown as ReportRun

const documentOf = (text: string, size = 700) =>
  readDocument(
    (async function* () {
      for (let at = 0; at < text.length; at += size) yield Buffer.from(text.slice(at, at + size))
    })(),
    DE,
  )

/** A ledger in memory. */
function ledgerOf(rows: readonly LedgerRow[] = []) {
  return {
    knownRows: async (_: ReportRun, references: readonly string[]) =>
      rows.filter((row) => references.includes(row.identity.orderReference)),
  }
}

async function partsOf(text: string, known: readonly LedgerRow[] = [], size = 700): Promise<RowsRead[]> {
  const { places } = await surveyDocument(documentOf(text, size))
  return Array.fromAsync(readRows(run, documentOf(text, size), places, ledgerOf(known)))
}
const readAll = async (text: string, known: readonly LedgerRow[] = []) =>
  inOne((await partsOf(text, known)) as unknown as AsyncIterable<RowsRead>)
const ids = (rows: RowsRead['toPublish']) => rows.map(({ identity }) => identity.rowId).toSorted()

test('B2: parts add up, each and together; a document of 5,000 rows is read in parts', async () => {
  const text = flatFile([
    ...Array.from({ length: 5_000 }, (_, n) => returnOf(n)),
    returnOf(1, { 'Order ID': '' }),
    returnOf(2, { 'Order date': '31-Feb-2026' }),
  ])
  const parts = await partsOf(text, [], 64_000)
  expect(parts.length).toBeGreaterThan(2)
  for (const { counts } of parts) expect(addsUp(counts)).toBe(true)
  expect((await readAll(text)).counts).toMatchObject({
    rowsInDocument: 5_002,
    new: 5_000,
    rejected: { order_id_missing: 1, date_unreadable: 1 },
  })
})

test('A2: rows of an order that stand far apart are told apart together, as if they stood side by side', async () => {
  const row = (n: number, order: number, sku: string) =>
    returnOf(n, {
      'Order ID': returnOf(order)['Order ID'] as string,
      'Amazon RMA ID': 'DaRRMA',
      'Merchant SKU': sku,
    })
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(6), fc.constantFrom('S1', 'S2')), { minLength: 1, maxLength: 40 }),
      async (given) => {
        const filler = Array.from({ length: 60 }, (_, n) => returnOf(1_000 + n))
        const rows = given.map(([order, sku], n) => row(n, order, sku))
        const apart = await readAll(flatFile(rows.flatMap((r, n) => [r, filler[n % 60] as typeof r])))
        const sorted = rows.toSorted((a, b) =>
          (a['Order ID'] as string) < (b['Order ID'] as string) ? -1 : 1,
        )
        const together = await readAll(
          flatFile([...sorted, ...rows.map((_, n) => filler[n % 60] as (typeof rows)[0])]),
        )
        expect(ids(apart.toPublish)).toEqual(ids(together.toPublish))
        expect(apart.counts).toEqual(together.counts)
      },
    ),
    { numRuns: 60 },
  )
})

test('C14: the same document against the same ledger gives the same parts', async () => {
  const text = flatFile(Array.from({ length: 300 }, (_, n) => returnOf(n % 140)))
  expect(await partsOf(text, [], 100)).toEqual(await partsOf(text, [], 100))
  expect(await readAll(text)).toEqual(await inOne((await partsOf(text, [], 9_999)) as never))
})

test('A1, D14: what was published from a flat file is unchanged in XML, where XML has all of it', async () => {
  const returns = [returnOf(1), returnOf(2)]
  const { toPublish } = await readAll(flatFile(returns))
  const again = await readAll(xmlDocument(returns.map((r) => xmlReturn([r]))), toPublish)
  expect(again.counts).toMatchObject({ rowsInDocument: 2, new: 0, changed: 0, unchanged: 2 })
})

test('RC-22: rows before the start day are skipped, though they be the last of their order', async () => {
  const order = { 'Order ID': returnOf(1)['Order ID'] as string, 'Order quantity': '3' }
  const late = returnOf(2, order)
  const early = returnOf(3, { ...order, 'Return request date': '31-Dec-2025' })
  const { counts } = await readAll(flatFile([late, early]))
  expect(counts).toMatchObject({ rowsInDocument: 2, new: 1, skipped: { before_start_time: 1 } })
})

test('C16: over a fifth of bad rows is known before anything is published, and says why', async () => {
  const rows = (bad: number, good: number) =>
    flatFile([
      ...Array.from({ length: good }, (_, n) => returnOf(n)),
      ...Array.from({ length: bad }, () => returnOf(0, { 'Order ID': '' })),
    ])
  const surveyed = async (bad: number, good: number) =>
    (await surveyDocument(documentOf(rows(bad, good)))).summary
  expect(mostlyBad(await surveyed(2, 8))).toBeNull()
  const summary = await surveyed(3, 8)
  expect(mostlyBad(summary)).toMatch(
    /^3 of 11 rows cannot be read \(row 9 has no order ID; row 10 .*; row 11 .*\): nothing/,
  )
  expect(quarantinedCounts(summary)).toMatchObject({
    new: 0,
    rejected: { order_id_missing: 3, document_quarantined: 8 },
  })
  expect(addsUp(quarantinedCounts(summary))).toBe(true)
})
