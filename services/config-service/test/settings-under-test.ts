import { demoSeller, startSimulator } from '@backhaul/amazon-simulator'
import { type StartedService, startService } from '@backhaul/runtime'
import { freshDatabase } from '@backhaul/testing'
import pg from 'pg'
import { expect } from 'vitest'
import { service } from '../src/service.ts'

export const [DE, FR, GB] = demoSeller.marketplaces
export const KEY = 'full-key-of-tenant-1'
export const OTHER_KEY = 'full-key-of-tenant-2'
export const SERVICE_KEY = 'key-of-backhauls-services'

/** What the API answered; bodies as a test wants them. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects to be there.
  readonly body: any
}

interface Call {
  readonly key?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export type SettingsUnderTest = Awaited<ReturnType<typeof settingsUnderTest>>

/** A config-service with a database and an Amazon of its own. Tenant 2 was set up by an instance before it. */
export async function settingsUnderTest() {
  const [database, amazon] = await Promise.all([freshDatabase(), startSimulator({ quotaFactor: 1_000 })])
  const environment = {
    DATABASE_URL: database.url,
    API_KEY_PEPPER: 'pepper-of-a-test',
    SECRETS_KEY: Buffer.alloc(32, 7).toString('base64'),
    SERVICE_API_KEY: SERVICE_KEY,
    BOOTSTRAP_TENANT_ID: 'tenant-1',
    BOOTSTRAP_API_KEY: KEY,
    LWA_CLIENT_ID: demoSeller.clientId,
    LWA_CLIENT_SECRET: demoSeller.clientSecret,
    AMAZON_URL: amazon.url,
    LOG_LEVEL: 'fatal',
  }
  const start = (given: Readonly<Record<string, string>> = {}): Promise<StartedService> =>
    startService(service, {
      environment: { ...environment, ...given },
      onFailure: (error) => expect.unreachable(String(error)),
    })
  // Both at once, as two instances that start together on an empty database.
  const [started, other] = await Promise.all([
    start(),
    start({ BOOTSTRAP_TENANT_ID: 'tenant-2', BOOTSTRAP_API_KEY: OTHER_KEY }),
  ])
  const postgres = new pg.Pool({ connectionString: database.url, max: 1 })
  /** All that was ever answered. */
  const answers: string[] = []

  const call = async (
    method: string,
    path: string,
    { key = KEY, body, headers }: Call = {},
    url = started.url,
  ): Promise<Answer> => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(key && { authorization: `Bearer ${key}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    answers.push(text)
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      body: text === '' ? null : JSON.parse(text),
    }
  }
  let named = 0
  const id = async (method: string, path: string, body: object, key?: string): Promise<string> => {
    const answer = await call(method, path, { body, ...(key && { key }) })
    expect(answer.status, answer.text).toBe(201)
    return answer.body.id
  }

  return {
    amazon: amazon.simulation,
    answers,
    call,
    databaseUrl: database.url,
    /** Calls the instance that started beside the first one. */
    callOther: (method: string, path: string, given: Call = {}) => call(method, path, given, other.url),
    postgres,
    start,
    channel: (name = `Channel ${++named}`, key?: string) => id('POST', '/v1/channels', { name }, key),
    reason: (code = `reason-${++named}`) => id('POST', '/v1/return-reasons', { code, name: code }),
    integration: (given: object = {}, key?: string) =>
      id('POST', '/v1/integrations', { ...newIntegration, name: `Integration ${++named}`, ...given }, key),
    authorise: (integrationId: string, refreshToken: string = demoSeller.refreshToken) =>
      call('PUT', `/v1/integrations/${integrationId}/authorisation`, {
        body: { sellerId: demoSeller.sellerId, refreshToken },
      }),
    map: (
      integrationId: string,
      mappings: readonly { marketplaceId: string; channelId: string | null }[],
      headers: Readonly<Record<string, string>> = {},
    ) =>
      call('PUT', `/v1/integrations/${integrationId}/marketplace-mapping`, { body: { mappings }, headers }),
    async close() {
      await Promise.all([started.stop(), other.stop(), amazon.stop(), postgres.end()])
      await database.drop()
    },
  }
}

/** An integration as small as it may be. */
export const newIntegration = {
  name: 'Amazon Europe',
  initialReportStartTime: '2026-03-01 00:00:00',
  mainMarketplace: 'DE',
}
