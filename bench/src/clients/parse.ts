import { createReadStream } from 'node:fs'
import type { Sample } from '../bench.ts'

/** A document to read. */
export interface ParseTask {
  readonly file: string
  readonly rows: number
}

/** Larger pieces than the default of 64 KiB are read a little faster, by all. */
export const piecesOf = (file: string) => createReadStream(file, { highWaterMark: 256 * 1024 })

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
