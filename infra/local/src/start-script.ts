import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServiceName } from '@backhaul/flow'
import { ROOT } from './folders.ts'

/** What Node is given to start a service: the options and the file of its `npm start`, the one place that names them. */
export function startArguments(service: ServiceName): string[] {
  const folder = join(ROOT, 'services', service)
  const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    scripts: { start: string }
  }
  const [, ...given] = scripts.start.split(' ')
  return given.map((argument) => (argument.startsWith('-') ? argument : join(folder, argument)))
}
