import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { checkDocument } from './check-document.ts'
import { inputOf, seededRandom } from './inputs.ts'

// `node services/report-fetcher/fuzz/main.ts [--count n] [--seed n]`: the long run; `src/adapters/fuzz.test.ts` is the short one.
const TELL_EVERY = 50_000

const text = { type: 'string' } as const
const { values } = parseArgs({ options: { count: text, seed: text } })
const count = Number(values.count ?? 1_000_000)
const seed = Number(values.seed ?? Date.now() % 2 ** 31)
const random = seededRandom(seed)
console.log(`seed ${seed}, ${count} inputs`)

let rows = 0
let refused = 0
for (let n = 1; n <= count; n++) {
  const input = inputOf(random)
  try {
    const found = await checkDocument(input, 1 + Math.floor(random() * 300))
    if (found < 0) refused += 1
    else rows += found
  } catch (error) {
    writeFileSync('fuzz-failure.bin', input)
    console.error(`input ${n} of seed ${seed}, written to fuzz-failure.bin: ${(error as Error).stack}`)
    process.exit(1)
  }
  if (n % TELL_EVERY === 0) console.log(`${n} inputs: ${rows} rows accounted for, ${refused} refused whole`)
}
console.log(`${count} inputs: ${rows} rows accounted for, ${refused} refused whole, no fault`)
