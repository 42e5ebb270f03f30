import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ARTIFACTS, Children, emptyFolder, ROOT, startRegistry, takeFolder } from '@backhaul/local'
import { Broker } from './broker.ts'

/** State and logs of the runs. */
export const FOLDER = join(ROOT, '.local', 'faults')

/** The servers that a run breaks: a broker of its own, and a registry, its own or the one the environment names. */
export interface Servers {
  readonly broker: Broker
  readonly registry: string
  readonly children: Children
  readonly folder: string
  stop(): Promise<void>
}

/**
 * Starts them empty.
 *
 * @param given A registry to use in place of one of its own: by default the one that the environment names.
 * @throws Error naming the process that has the folder.
 */
export async function startServers(
  folder = FOLDER,
  given = process.env.SCHEMA_REGISTRY_URL,
): Promise<Servers> {
  await emptyFolder(folder)
  const release = takeFolder(folder)
  mkdirSync(join(folder, 'logs'), { recursive: true })
  const children = new Children(folder)
  const context = { folder, artifacts: ARTIFACTS, children, log: () => {} }
  const broker = new Broker(context)
  const [, registry] = await Promise.all([broker.start(), given ? null : startRegistry(context)])
  return {
    broker,
    registry: registry?.url ?? (given as string),
    children,
    folder,
    async stop() {
      await broker.stop()
      await registry?.stop()
      release()
    },
  }
}
