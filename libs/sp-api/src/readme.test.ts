import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { errors } from './errors.ts'

test('the README lists every code with what it means and what to do, and no other', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const listed = readme.split('\n').filter((line) => /^\| `[A-Z_]+` /.test(line))
  const cells = (line: string) => line.split('|').map((cell) => cell.trim())
  expect(listed.map(cells)).toEqual(
    Object.entries(errors).map(([code, { retryable, means, nextStep }]) =>
      cells(`| \`${code}\` | ${retryable ? 'yes' : 'no'} | ${means} | ${nextStep} |`),
    ),
  )
})
