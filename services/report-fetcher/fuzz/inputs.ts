import { gzipSync } from 'node:zlib'
import { csvCell, flatFile, inCharset, returnOf, xmlDocument, xmlReturn } from './returns.ts'

/** Numbers in [0, 1) that a seed decides. Source: mulberry32, public domain, Tommy Ettinger. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const NARROW = [
  'Order ID',
  'Return request date',
  'Merchant SKU',
  'Item Name',
  'Return quantity',
  'Order quantity',
]
const returns = [
  returnOf(1),
  returnOf(2, { 'Item Name': '"quoted"\tand "so" on' }),
  returnOf(3, { 'Item Name': 'Größe „M“ 5 €' }),
  returnOf(3, { 'Item Name': 'two\nlines, "one" quoted' }),
]
const japanese = returns.map((r) => ({ ...r, 'Item Name': 'テスト商品 ｱｲｳ', 'Currency code': 'JPY' }))
const withBuyer = [...NARROW.slice(0, 3), 'Buyer name', ...NARROW.slice(3), 'Restocking fee', 'ship-city']
const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`
const needed = (cell: string) => (/["\t\n]/.test(cell) ? quoted(cell) : cell)

/** Documents that inputs are made of by mutation. */
const seeds: readonly Buffer[] = [
  Buffer.from(flatFile(returns, undefined, { write: needed })),
  Buffer.from(flatFile(returns, NARROW)),
  Buffer.from(flatFile(returns, withBuyer, { write: needed, lineEnd: '\r\n' })),
  Buffer.from(flatFile(returns, NARROW, { write: quoted })),
  Buffer.from(flatFile(returns, withBuyer, { separator: ',', write: csvCell, lineEnd: '\r' })),
  Buffer.from(flatFile(returns, NARROW) + flatFile(returns, withBuyer)),
  inCharset(flatFile(returns, NARROW), 'win1252'),
  inCharset(flatFile(japanese, NARROW), 'Shift_JIS'),
  Buffer.from(`\uFEFF${flatFile(returns, NARROW)}`, 'utf16le'),
  Buffer.from(xmlDocument(returns.map((r) => xmlReturn([r])))),
  Buffer.from(
    xmlDocument([xmlReturn(returns), xmlReturn([returnOf(9)], '<buyer><name>x</name></buyer><scan_date/>')]),
  ),
]

/** Pieces that make trouble where they are put. */
const TROUBLE = [
  '\t',
  '"',
  '""',
  '\n',
  '\r',
  '\r\n',
  '\uFEFF',
  '\u0000',
  ',',
  ';',
  '<',
  '>',
  '&',
  '</',
  '/>',
  ']]>',
  '<!--',
  '-->',
]
  .map((text) => Buffer.from(text))
  .concat([
    Buffer.from([0xff]),
    Buffer.from([0x82, 0xa0]),
    Buffer.from([0xc3, 0xbc]),
    Buffer.from([0x1f, 0x8b]),
  ])

/** One input: a document, several times changed, cut, doubled, packed; or bytes of no sense. */
export function inputOf(random: () => number): Buffer {
  const below = (end: number) => Math.floor(random() * end)
  const bytes = (count: number) => Buffer.from(Array.from({ length: count }, () => below(256)))
  if (random() < 0.03) return bytes(below(600))
  let input = seeds[below(seeds.length)] as Buffer
  for (let changes = below(6); changes > 0; changes--) {
    const [at, to] = [below(input.length + 1), below(input.length + 1)]
    const [before, behind] = [input.subarray(0, at), input.subarray(at)]
    switch (below(7)) {
      case 0:
        input = before
        break
      case 1:
        input = Buffer.concat([before, TROUBLE[below(TROUBLE.length)] as Buffer, behind])
        break
      case 2:
        input = Buffer.concat([before, behind.subarray(1 + below(12))])
        break
      case 3:
        input = Buffer.concat([before, bytes(1 + below(4)), behind.subarray(below(4))])
        break
      case 4:
        input = Buffer.concat([before, input.subarray(Math.min(at, to), Math.max(at, to)), behind])
        break
      case 5:
        input = Buffer.concat([before, seeds[below(seeds.length)] as Buffer, behind])
        break
      default:
        input = Buffer.concat([before, TROUBLE[below(TROUBLE.length)] as Buffer, behind.subarray(1)])
    }
  }
  if (random() < 0.03) input = gzipSync(input)
  return random() < 0.01 ? input.subarray(0, below(input.length)) : input
}
