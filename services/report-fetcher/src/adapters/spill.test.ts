import type { DocumentRow } from '@backhaul/domain'
import { expect, test } from 'vitest'
import { readDocument } from './document.ts'
import { Spill } from './spill.ts'

const OWNER = { charset: null, sellerId: 'SELLER', marketplaceId: 'A1PA6795UKMFR9' }
const HEADER = 'Order ID\tReturn request date\tMerchant SKU\tItem Name\n'

async function* bytesOf(text: string) {
  yield Buffer.from(text)
}

async function rowsOf(names: readonly string[]): Promise<DocumentRow[]> {
  const lines = names.map((name, n) => `303-000000${n % 7}-0000000\t02-Aug-2026\tSKU-${n}\t${name}\n`)
  const batches = await Array.fromAsync(readDocument(bytesOf(HEADER + lines.join('')), OWNER))
  return batches.flatMap(({ rows }) => rows)
}

test.each([1, 3])(
  'rows come back from %i pieces, all of an order from one, in their order',
  async (chunks) => {
    // Longer than what is held in memory, and letters of one to four bytes.
    const names = Array.from({ length: 200 }, (_, n) =>
      n % 50 === 0 ? 'x'.repeat(40_000) : `Größe „${n}“ 😀`,
    )
    const rows = await rowsOf(names)
    const spill = await Spill.open(chunks)
    try {
      for (const row of rows) await spill.add(row)
      const orders = new Set<string>()
      const found: DocumentRow[] = []
      for (let chunk = 0; chunk < spill.chunks; chunk++) {
        const piece = await spill.rows(chunk)
        const ofPiece = new Set(piece.map((row) => row.orderReference))
        expect([...ofPiece].filter((order) => orders.has(order))).toEqual([])
        for (const order of ofPiece) orders.add(order)
        const numbers = piece.map((row) => row.rowNumber)
        expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
        found.push(...piece)
      }
      expect(found.toSorted((a, b) => a.rowNumber - b.rowNumber)).toEqual(rows)
    } finally {
      await spill.close()
    }
  },
)
