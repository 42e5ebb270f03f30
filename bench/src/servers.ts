import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ARTIFACTS, Children, ROOT, startKafka, startRegistry, takeFolder } from '@backhaul/local'
import { BROKER_CORE, moveToCore } from './pinned.ts'

/** All state of the benches; their results are kept in it. */
export const BENCH_FOLDER = join(ROOT, '.local', 'bench')

/** A broker as in production, not the quick and small one of the local stack. */
const BROKER_JVM = ['-Xms1g', '-Xmx1g', '-XX:+UseG1GC']

/** Broker and registry of the benches' own. */
export interface Servers {
  readonly brokers: string
  readonly registry: string
  /** Starts processes that do not outlive the bench. */
  readonly children: Children
  stop(): Promise<void>
}

/**
 * Starts an empty broker and a registry, both on the broker's core.
 *
 * @throws Error when another bench runs, or in a part's last words when it does not start.
 */
export async function startServers(tell: (line: string) => void): Promise<Servers> {
  const release = takeFolder(BENCH_FOLDER)
  mkdirSync(ARTIFACTS, { recursive: true })
  const folder = join(BENCH_FOLDER, 'servers')
  const children = new Children(folder)
  await children.endLeftovers()
  for (const part of ['kafka', 'registry']) rmSync(join(folder, part), { recursive: true, force: true })
  const context = { folder, artifacts: ARTIFACTS, children, log: () => {} }
  tell('starting a broker and a schema registry')
  const [kafka, registry] = await Promise.all([startKafka(context, BROKER_JVM), startRegistry(context)])
  for (const { pid } of [kafka, registry]) if (pid) moveToCore(BROKER_CORE, pid)
  moveToCore(BROKER_CORE, process.pid)
  return {
    brokers: kafka.url,
    registry: registry.url,
    children,
    async stop() {
      // An interrupted bench leaves what it measured, and what it started beside broker and registry.
      await children.endLeftovers()
      await Promise.all([registry.stop(), kafka.stop()])
      for (const part of ['kafka', 'registry']) rmSync(join(folder, part), { recursive: true, force: true })
      release()
    },
  }
}
