import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const SERVICE = fileURLToPath(new URL('../', import.meta.url))

test('every rule of SPEC.md is cited by a test, and no test cites a rule that is not there', () => {
  const rules = [...readFileSync(join(SERVICE, 'SPEC.md'), 'utf8').matchAll(/^- \*\*(R\d+)\*\*/gm)]
  const numbers = rules.map(([, number]) => number as string)
  expect(numbers).toEqual(numbers.map((_, n) => `R${n + 1}`))
  const tests = readdirSync(SERVICE, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.test.ts'),
  )
  const cited = tests
    .flatMap(
      (file) => readFileSync(join(SERVICE, file), 'utf8').match(/^test(\.each\(.*\))?\(\s*'[^']*'/gm) ?? [],
    )
    .flatMap((title) => title.match(/\bR\d+\b/g) ?? [])
  expect(new Set(cited)).toEqual(new Set(numbers))
})
