import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ImportConfig } from '@backhaul/domain'

/** config-service as the reconciler sees it: immutable versions of integrations. */
export interface ConfigStub {
  readonly url: string
  /** Answers 503 while true, as a config-service that cannot reach its database. */
  down: boolean
  /** Adds a version; 1 and up. */
  add(version: number, given?: Partial<ImportConfig>): void
  /** Adds a channel that no version holds, of `tenant-1`. */
  addChannel(id: string, name: string): void
  close(): Promise<void>
}

/** A name that only config-service knows: it must appear in no event (RC-17). */
export const INTEGRATION_NAME = 'Amazon, our main account'

export const importConfig = (version: number, given: Partial<ImportConfig> = {}): ImportConfig => ({
  version,
  importSettings: { statuses: 'all', labelTypes: 'all', returnlessRefunds: 'import', expandKits: true },
  reasons: [{ amazonReason: 'DEFECTIVE', returnReasonId: 'reason-broken' }],
  channels: [
    { id: 'channel-de', name: 'Amazon DE' },
    { id: 'channel-fr', name: 'Amazon FR' },
  ],
  ...given,
})

/** Starts the stub with version 1 of every integration. */
export async function configStub(): Promise<ConfigStub> {
  const versions = new Map([[1, importConfig(1)]])
  const lateChannels = new Map<string, string>()
  const server = createServer((request, response) => {
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (stub.down) return answer(503, { code: 'DATABASE_DOWN', status: 503 })
    const [, channel] = /^\/v1\/internal\/tenants\/tenant-1\/channels\/(.+)$/.exec(request.url ?? '') ?? []
    const name = lateChannels.get(channel ?? '')
    if (name) return answer(200, { id: channel, name })
    const [, version] = /^\/v1\/integrations\/[^/]+\/versions\/(\d+)$/.exec(request.url ?? '') ?? []
    const config = versions.get(Number(version))
    if (!config) return answer(404, { code: 'NOT_FOUND', status: 404 })
    return answer(200, { ...config, name: INTEGRATION_NAME })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const stub: ConfigStub = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    down: false,
    add: (version, given) => void versions.set(version, importConfig(version, given)),
    addChannel: (id, name) => void lateChannels.set(id, name),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return stub
}
