import type { ImportConfig } from '@backhaul/domain'
import { serve } from './serve.ts'

const mapped = [
  { id: 'channel-de', name: 'Amazon DE' },
  { id: 'channel-fr', name: 'Amazon FR' },
]

/** The settings that all contenders work under; a row that names another version is bad data. */
export const settings: {
  readonly versions: readonly ImportConfig[]
  readonly channels: ImportConfig['channels']
} = {
  versions: [
    {
      version: 1,
      importSettings: { statuses: 'all', labelTypes: 'all', returnlessRefunds: 'import', expandKits: true },
      reasons: [
        { amazonReason: 'DEFECTIVE', returnReasonId: 'reason-broken' },
        { amazonReason: 'UNWANTED_ITEM', returnReasonId: 'reason-unwanted' },
      ],
      channels: mapped,
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
      channels: mapped,
    },
  ],
  // The last one was made after both versions.
  channels: [...mapped, { id: 'channel-late', name: 'Amazon NL' }],
}

/** config-service as the reconciler sees it: the same for every integration and tenant. */
export function serveSettings(): Promise<{ url: string; close(): void }> {
  return serve((request, response) => {
    const found = versionAt(request.url ?? '') ?? channelAt(request.url ?? '')
    response
      .writeHead(found ? 200 : 404, { 'content-type': 'application/json' })
      .end(JSON.stringify(found ?? { code: 'NOT_FOUND', status: 404 }))
  })
}

function versionAt(path: string): object | undefined {
  const [, number] = /^\/v1\/integrations\/[^/]+\/versions\/(\d+)$/.exec(path) ?? []
  return settings.versions.find(({ version }) => version === Number(number))
}

function channelAt(path: string): object | undefined {
  const [, channelId] = /^\/v1\/internal\/tenants\/[^/]+\/channels\/([^/]+)$/.exec(path) ?? []
  return settings.channels.find(({ id }) => id === channelId)
}
