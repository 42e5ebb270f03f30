import { join } from 'node:path'
import { follow, ROOT, stopChild, until } from '@backhaul/local'
import { MEASURED_CORE, onCore } from '../pinned.ts'
import { usageOf } from '../process-usage.ts'
import type { Servers } from '../servers.ts'
import type { ReconcilerKind } from './reconciler.ts'

const MAIN = join(ROOT, 'services', 'reconciler', 'src', 'main.ts')

/** The heap that Node may take: enough for the state of millions of orders. */
const HEAP_MIB = 8_192

/** How the reconciler is run, where not as it is deployed. */
export interface BackhaulOptions {
  readonly name?: string
  readonly main?: string
  /** Options of Node. */
  readonly node?: readonly string[]
  /** Settings beside those that the bench gives. */
  readonly env?: Readonly<Record<string, string>>
  /** Told each line of its log. */
  heard?(line: string): void
}

/** The reconciler service as it is deployed. */
export function backhaul(
  servers: Servers,
  settingsUrl: string,
  { name = 'backhaul', main = MAIN, node = [], env = {}, heard }: BackhaulOptions = {},
): ReconcilerKind {
  return {
    name,
    async start(prefix) {
      const [command, args] = onCore(MEASURED_CORE, process.execPath, [
        `--max-old-space-size=${HEAP_MIB}`,
        ...node,
        main,
      ])
      const child = servers.children.spawn(name, command, args, {
        env: {
          ...process.env,
          KAFKA_BROKERS: servers.brokers,
          SCHEMA_REGISTRY_URL: servers.registry,
          TOPIC_PREFIX: prefix,
          CONFIG_SERVICE_URL: settingsUrl,
          SERVICE_API_KEY: 'a-key-of-the-bench',
          DEAD_LETTER_SHARE_LIMIT: '1',
          LOG_LEVEL: 'info',
          ...env,
        },
      })
      let ready = false
      const lastLine = follow(name, child, (_, line) => {
        // Its records sent to the dead letters are as many lines: nothing else is asked of the log.
        ready ||= line.includes('"msg":"partition ready"')
        heard?.(line)
      })
      const ended = () => (child.exitCode === null ? null : lastLine())
      await until('The reconciler', async () => ready, { ended })
      return {
        name,
        returns: `${prefix}return-orders.v1`,
        deadLetters: `${prefix}dead-letters.reconciler.v1`,
        group: `${prefix}reconciler`,
        ended,
        usage: () => usageOf(child.pid ?? 0),
        stop: () => stopChild(child),
      }
    },
  }
}
