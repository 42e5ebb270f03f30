import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const DAY_MS = 86_400_000

/** What a restart needs to go on with the same story. */
export interface KeptDays {
  /** Instant that the demo data is laid around, milliseconds. */
  readonly epoch: number
  readonly movedDays: number
}

/** The days kept in a file; days that begin today where there is no file, or none was kept. */
export function readDays(path: string | undefined): KeptDays {
  const today = { epoch: Math.floor(Date.now() / DAY_MS) * DAY_MS, movedDays: 0 }
  return path && existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as KeptDays) : today
}

export function keepDays(path: string | undefined, days: KeptDays): void {
  if (path) writeFileSync(path, JSON.stringify(days))
}
