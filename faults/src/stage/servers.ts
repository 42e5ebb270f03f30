import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ARTIFACTS, Children, emptyFolder, ROOT, startRegistry, takeFolder } from '@backhaul/local'
import { Cluster } from './cluster.ts'

/** State and logs of the runs. */
export const FOLDER = join(ROOT, '.local', 'faults')

/** What a run breaks, and what it needs. */
export interface Servers {
  /** One broker, or three. Started when first asked for. */
  cluster(size: 1 | 3): Promise<Cluster>
  /** Ends a cluster that nobody asks for any more. */
  end(size: 1 | 3): Promise<void>
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
  const clusters = new Map<number, Promise<Cluster>>()
  const registry = given ? null : await startRegistry(context)
  const end = async (size: 1 | 3) => {
    const cluster = clusters.get(size)
    clusters.delete(size)
    await (await cluster)?.stop()
  }
  return {
    async cluster(size) {
      const cluster = clusters.get(size) ?? Cluster.start(context, size)
      clusters.set(size, cluster)
      return cluster
    },
    end,
    registry: registry?.url ?? (given as string),
    children,
    folder,
    async stop() {
      await Promise.all([end(1), end(3), registry?.stop()])
      release()
    },
  }
}
