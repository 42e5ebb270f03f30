import { once } from 'node:events'
import { join } from 'node:path'
import type { Children } from '@backhaul/local'
import type { Sample } from './bench.ts'
import { MEASURED_CORE, onCore } from './pinned.ts'
import { usageOf } from './process-usage.ts'

const CLIENTS = join(import.meta.dirname, 'clients')

/**
 * Runs a client of `clients/` as a process of its own on the measured core.
 *
 * @param task What it is told, as JSON.
 * @returns The sample it told, and its peak memory.
 * @throws Error with its last words when it ends without one.
 */
export async function runClient(children: Children, name: string, task: object): Promise<Sample> {
  const [command, args] = onCore(MEASURED_CORE, process.execPath, [
    join(CLIENTS, `${name}.ts`),
    JSON.stringify(task),
  ])
  const child = children.spawn(name, command, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  let told: Sample | undefined
  let words = ''
  child.once('message', (message) => {
    told = { ...(message as Sample), peakRssMiB: usageOf(child.pid ?? 0).peakRssMiB }
    child.send('thanks')
  })
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-2_000)
    })
  }
  await once(child, 'exit')
  if (!told) throw new Error(`${name} ended without a figure: ${words}`)
  return told
}
