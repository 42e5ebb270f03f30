import { createReadStream } from 'node:fs'
import type { Sample } from '../bench.ts'

/** A document to read. */
export interface ParseTask {
  readonly file: string
  readonly rows: number
}

/** In pieces of 64 KiB, Node's default: the fastest parsers are up to twice as slow in larger ones, which leave the cache. */
export const piecesOf = (file: string) => createReadStream(file)

/**
 * Reads a document once. It is read cold, as a fetcher reads it: no warm-up, but the time to load the program does not count.
 *
 * @throws Error when not all rows were read: a parser that loses rows has no rate.
 */
export async function measureParse(
  { file, rows }: ParseTask,
  read: (file: string) => Promise<number>,
): Promise<Sample> {
  const began = performance.now()
  const found = await read(file)
  const seconds = (performance.now() - began) / 1_000
  if (found !== rows) throw new Error(`${found} rows were read, of ${rows}`)
  return { rowsPerSecond: rows / seconds, seconds }
}
