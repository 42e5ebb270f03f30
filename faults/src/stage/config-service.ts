import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { UNKNOWN_SETTINGS } from '../load/poison.ts'
import { settingsVersion } from '../load/settings.ts'

/** config-service as the reconciler sees it: every version of every integration, always the same. */
export interface ConfigServiceStub {
  readonly url: string
  /** Answers 503 to the next questions for a version. */
  refuse(version: number, times: number): void
  close(): Promise<void>
}

export async function startConfigService(): Promise<ConfigServiceStub> {
  const refusals = new Map<number, number>()
  const server = createServer((request, response) => {
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    const version = Number(request.url?.split('/').at(-1))
    const left = refusals.get(version) ?? 0
    if (left > 0) {
      refusals.set(version, left - 1)
      return answer(503, { code: 'DATABASE_DOWN', status: 503 })
    }
    // Channels are asked for by id when no settings name them; these have none.
    if (version === UNKNOWN_SETTINGS || Number.isNaN(version))
      return answer(404, { code: 'NOT_FOUND', status: 404 })
    return answer(200, settingsVersion(version))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refuse: (version, times) => void refusals.set(version, times),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
