import { createReadStream, statSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { serve } from '../serve.ts'

const DAY_MS = 86_400_000
const MARKETPLACE = 'A1PA6795UKMFR9'

export const INTEGRATION = 'integration-of-the-bench'
export const TENANT = 'tenant-of-the-bench'

/** All that a fetcher asks: config-service with one integration, and Amazon with one document that each report gives. */
export interface Outside {
  readonly url: string
  /** Another seller: no row of his is known. */
  newSeller(): void
  /** Told when the document is asked for. */
  onDownload: () => void
  close(): void
}

/** @param file The document. */
export async function serveOutside(file: string): Promise<Outside> {
  let sellers = 0
  let reports = 0
  const server = await serve((request, response) => {
    if (request.url === '/document') {
      outside.onDownload()
      response.writeHead(200, { 'content-type': 'text/plain; charset=UTF-8', 'content-length': bytes })
      return void createReadStream(file).pipe(response)
    }
    send(response, answerTo(request))
  })
  const { size: bytes } = statSync(file)
  const { url } = server

  function answerTo({ method, url: path = '' }: IncomingMessage): object | undefined {
    if (path === '/v1/internal/integrations') return [integrationOf(`SELLER-${sellers}`)]
    if (path === '/v1/internal/api-keys/verify')
      return { keyId: 'key', tenantId: TENANT, scopes: ['imports:write', 'reports:read'] }
    if (path.endsWith('/access-token')) {
      const expiresAt = new Date(Date.now() + DAY_MS).toISOString()
      return { accessToken: 'Atza|bench', expiresAt }
    }
    const [, of, id] = /^\/reports\/2021-06-30\/(reports|documents)(?:\/([\w-]+))?/.exec(path) ?? []
    if (of === 'documents') return { reportDocumentId: id, url: `${url}/document` }
    if (of === 'reports' && method === 'POST') return { reportId: `report-${++reports}` }
    if (of === 'reports' && id === undefined) return { reports: [] }
    return of === 'reports' ? reportOf(id as string) : undefined
  }

  const outside: Outside = {
    url,
    newSeller() {
      sellers += 1
    },
    onDownload() {},
    close: server.close,
  }
  return outside
}

/** One window of the last days, that is one report a cycle; long enough ago for all rows of the document. */
function integrationOf(sellerId: string): object {
  const start = new Date(Date.now() - 59 * DAY_MS).toISOString().slice(0, 10)
  return {
    ...{ id: INTEGRATION, tenantId: TENANT, version: 1, state: 'active', intervalHours: 24 },
    automaticImport: true,
    ...{ initialReportStartTime: `${start} 00:00:00`, mainMarketplace: 'DE', region: 'eu', sellerId },
    marketplaces: [{ marketplaceId: MARKETPLACE, channelId: 'channel-de' }],
  }
}

function reportOf(reportId: string): object {
  const now = new Date().toISOString()
  return {
    ...{ reportId, reportType: 'GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE', processingStatus: 'DONE' },
    ...{ marketplaceIds: [MARKETPLACE], createdTime: now, processingStartTime: now, processingEndTime: now },
    reportDocumentId: `document-of-${reportId}`,
  }
}

function send(response: ServerResponse, answer: object | undefined): void {
  response
    .writeHead(answer ? 200 : 404, { 'content-type': 'application/json' })
    .end(JSON.stringify(answer ?? { errors: [{ code: 'NotFound' }] }))
}
