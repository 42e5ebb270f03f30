import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LOCAL } from './folders.ts'

const PATH = join(LOCAL, 'endpoints.json')

/** Where the parts of a running stack are found; programs and tests rely on these names. */
export interface Endpoints {
  /** Broker list, `host:port`. The others are URLs. */
  readonly kafka: string
  readonly registry: string
  readonly postgres: string
  readonly clickhouse: string
  readonly configService: string
  readonly reportFetcher: string
  readonly orderImporter: string
  readonly amazon: string
  /** The demo tenant's key. */
  readonly apiKey: string
}

/** Writes `.local/endpoints.json`, whole or not at all. It is there only while the stack runs. */
export function writeEndpoints(endpoints: Endpoints): void {
  writeFileSync(`${PATH}.new`, `${JSON.stringify(endpoints, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${PATH}.new`, PATH)
}

export const removeEndpoints = (): void => rmSync(PATH, { force: true })
