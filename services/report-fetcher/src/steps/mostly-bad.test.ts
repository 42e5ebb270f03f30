import { expect, test } from 'vitest'
import { flatFile, returnOf } from '../../fuzz/returns.ts'
import { readDocument } from '../adapters/document.ts'
import { addsUp } from '../report-run.ts'
import { mostlyBad, quarantinedCounts } from './mostly-bad.ts'

async function summaryOf(bad: number, good: number) {
  const rows = [
    ...Array.from({ length: good }, (_, n) => returnOf(n)),
    ...Array.from({ length: bad }, () => returnOf(0, { 'Order ID': '' })),
    returnOf(0, { 'Order date': '31-Feb-2026' }),
  ]
  const body = (async function* () {
    yield Buffer.from(flatFile(rows))
  })()
  const document = readDocument(body, { charset: null, sellerId: 'A', marketplaceId: 'A1PA6795UKMFR9' })
  for await (const _ of document);
  return document.summary()
}

test('C16: over a fifth of bad rows is known before anything is published, and says why', async () => {
  expect(mostlyBad(await summaryOf(1, 8))).toBeNull()
  const summary = await summaryOf(2, 8)
  expect(mostlyBad(summary)).toMatch(
    /^3 of 11 rows cannot be read \(row 9 has no order ID; row 11 has a date .*\): nothing/,
  )
  const counts = quarantinedCounts(summary)
  expect(counts).toMatchObject({
    new: 0,
    rejected: { order_id_missing: 2, date_unreadable: 1, document_quarantined: 8 },
  })
  expect(addsUp(counts)).toBe(true)
})
