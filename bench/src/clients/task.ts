import { once } from 'node:events'
import type { Sample } from '../bench.ts'

/** What this process was asked to do. */
export const task = <T>(): T => JSON.parse(process.argv[2] as string) as T

/** Tells what was measured, stays until it was taken note of, and ends. */
export async function finish(sample: Sample): Promise<never> {
  process.send?.(sample)
  await once(process, 'message')
  process.exit(0)
}
