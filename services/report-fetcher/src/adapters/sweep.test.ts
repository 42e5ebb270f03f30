import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sweep } from './sweep.ts'

test('what a killed process left is removed after a day, and nothing else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'backhaul-sweep-'))
  const old = new Date(Date.now() - 2 * 86_400_000)
  for (const name of ['a.partial', 'b.partial', 'document']) await writeFile(join(folder, name), 'x')
  await mkdir(join(folder, 'c.partial'))
  for (const name of ['a.partial', 'c.partial', 'document']) await utimes(join(folder, name), old, old)
  await sweep(folder, /\.partial$/)
  expect((await readdir(folder)).sort()).toEqual(['b.partial', 'document'])
  await sweep(join(folder, 'none'), /x/)
  await rm(folder, { recursive: true })
})
