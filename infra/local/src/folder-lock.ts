import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { identityOf, isAlive, type ProcessIdentity } from './process-identity.ts'

/**
 * Takes a folder for this process until the returned function is called. What a killed process left is taken over.
 *
 * @throws Error naming the process that has it.
 */
export function takeFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'owner.json')
  const owner = readOwner(path)
  if (owner && owner.pid !== process.pid && isAlive(owner)) {
    throw new Error(`${folder} is in use by process ${owner.pid}: stop it first`)
  }
  writeFileSync(path, JSON.stringify(identityOf(process.pid)))
  return () => rmSync(path, { force: true })
}

function readOwner(path: string): ProcessIdentity | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity
  } catch {
    return null
  }
}
