import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { postgresHome } from './parts/postgres.ts'

/** The checkout. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** All state of `npm start`. */
export const LOCAL = join(ROOT, '.local')

/** State of the servers that tests run on. */
export const TEST = join(LOCAL, 'test')

/** Removes a folder with the state of a stack, and what Postgres keeps elsewhere. Nothing may be running in it. */
export async function emptyFolder(folder: string): Promise<void> {
  await rm(postgresHome(folder), { recursive: true, force: true })
  await rm(folder, { recursive: true, force: true })
}
