import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ImportConfig } from '@backhaul/domain'

/** The settings versions that all contenders work under; a row that names another is bad data. */
export const settingsVersions: readonly ImportConfig[] = [
  {
    version: 1,
    importSettings: { statuses: 'all', labelTypes: 'all', returnlessRefunds: 'import', expandKits: true },
    reasons: [
      { amazonReason: 'DEFECTIVE', returnReasonId: 'reason-broken' },
      { amazonReason: 'UNWANTED_ITEM', returnReasonId: 'reason-unwanted' },
    ],
    channels: [
      { id: 'channel-de', name: 'Amazon DE' },
      { id: 'channel-fr', name: 'Amazon FR' },
    ],
  },
  {
    version: 2,
    importSettings: {
      statuses: 'approved',
      labelTypes: ['AmazonPrePaidLabel', ''],
      returnlessRefunds: 'skip',
      expandKits: false,
    },
    reasons: [{ amazonReason: 'DEFECTIVE', returnReasonId: 'reason-defect' }],
    channels: [{ id: 'channel-de', name: 'Deutschland' }],
  },
]

/** config-service as the reconciler sees it: the same versions for every integration. */
export async function serveSettings(): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    const [, number] = /^\/v1\/integrations\/[^/]+\/versions\/(\d+)$/.exec(request.url ?? '') ?? []
    const found = settingsVersions.find(({ version }) => version === Number(number))
    response
      .writeHead(found ? 200 : 404, { 'content-type': 'application/json' })
      .end(JSON.stringify(found ?? { code: 'NOT_FOUND', status: 404 }))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
