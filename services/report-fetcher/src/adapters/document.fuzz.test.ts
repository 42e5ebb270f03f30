import { expect, test } from 'vitest'
import { checkDocument } from '../../fuzz/check-document.ts'
import { inputOf, seededRandom } from '../../fuzz/inputs.ts'

/** The long run is `node services/report-fetcher/fuzz/main.ts`. */
const INPUTS = 2_000

test(`C10: whatever the document, each of its rows is told once, cut anywhere and copied; or it is refused whole`, async () => {
  const seed = Date.now() % 2 ** 31
  const random = seededRandom(seed)
  let rows = 0
  for (let n = 1; n <= INPUTS; n++) {
    const input = inputOf(random)
    const size = 1 + Math.floor(random() * 300)
    rows += await checkDocument(input, size).catch((error: Error) => {
      throw new Error(`Input ${n} of seed ${seed}: ${error.message}`, { cause: error })
    })
  }
  expect(rows).toBeGreaterThan(INPUTS)
}, 60_000)
