import { rm } from 'node:fs/promises'
import { Children } from './children.ts'
import { takeFolder } from './folder-lock.ts'
import { postgresHome } from './parts/postgres.ts'

/**
 * Removes the folder of a stack with all its state, after ending what a killed start left running in it.
 *
 * @throws Error naming the process that is using it.
 */
export async function emptyFolder(folder: string): Promise<void> {
  takeFolder(folder)
  await new Children(folder).endLeftovers()
  await rm(postgresHome(folder), { recursive: true, force: true })
  await rm(folder, { recursive: true, force: true })
}
