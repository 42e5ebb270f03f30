import type { SalesOrder } from '@backhaul/domain'
import { topics } from '@backhaul/flow'
import { type StartedService, startService } from '@backhaul/runtime'
import { actAs, freshDatabase, freshTopics } from '@backhaul/testing'
import { expect } from 'vitest'
import { service } from '../src/service.ts'
import { ConfigServiceStub } from './config-service-stub.ts'

/** What the API answered; bodies as a test wants them. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects to be there.
  readonly body: any
}

/** A record of `sales-orders.v1`. */
export interface Written {
  readonly key: string | null
  readonly partition: number
  readonly order: SalesOrder | null
}

interface Call {
  readonly key?: string
  readonly type?: string
  readonly url?: string
}

export type ImporterUnderTest = Awaited<ReturnType<typeof importerUnderTest>>

/** An order-importer with topics, a database and a config-service of its own. */
export async function importerUnderTest() {
  const [database, { prefix, environment: kafka }] = await Promise.all([freshDatabase(), freshTopics()])
  const config = new ConfigServiceStub()
  config.channels = { 'tenant-1': ['ch_de', 'ch_fr'], 'tenant-2': ['ch_of_2'] }
  const environment: Record<string, string> = {
    ...kafka,
    DATABASE_URL: database.url,
    CONFIG_SERVICE_URL: await config.start(),
    SERVICE_API_KEY: 'service-key-of-a-test',
    LOG_LEVEL: 'fatal',
  }
  const start = (given: Readonly<Record<string, string>> = {}): Promise<StartedService> =>
    startService(service, {
      environment: { ...environment, ...given },
      onFailure: (error) => expect.unreachable(String(error)),
    })
  const started = await start()
  const reader = await actAs('reconciler', prefix)

  const send = async (
    method: string,
    path: string,
    body: string | undefined,
    { key = 'tenant-1', type = 'application/json', url = started.url }: Call = {},
  ): Promise<Answer> => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': type }) },
      ...(body !== undefined && { body }),
    })
    const text = await answer.text()
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      body: text === '' ? null : JSON.parse(text),
    }
  }

  return {
    config,
    databaseUrl: database.url,
    environment,
    prefix,
    send,
    start,
    /** Gives orders as JSON. */
    give: (orders: unknown, call?: Call) => send('POST', '/v1/sales-orders', JSON.stringify(orders), call),
    delete: (reference: string, channelId: string, call?: Call) =>
      send(
        'DELETE',
        `/v1/sales-orders/${encodeURIComponent(reference)}?channelId=${encodeURIComponent(channelId)}`,
        undefined,
        call,
      ),
    /** Committed records of one order reference, in the order of the log. */
    async written(reference: string): Promise<Written[]> {
      const records: Written[] = []
      for (let partition = 0; partition < topics['sales-orders.v1'].partitions; partition++) {
        for await (const { key, value } of reader.readToEnd('sales-orders.v1', partition)) {
          if (key?.startsWith(`${reference}|`)) records.push({ key, partition, order: value })
        }
      }
      return records
    },
    async close() {
      await Promise.all([started.stop(), config.stop()])
      await database.drop()
    },
  }
}

let references = 0
/** An order number that no other test of the file uses. */
export const freshReference = (): string => `303-0000000-${String(++references).padStart(7, '0')}`

/** A plausible order as REST takes it; give what the test is about. */
export const orderOf = (orderReference: string, given: object = {}) => ({
  salesOrderId: `SO ${orderReference}`,
  orderReference,
  channelId: 'ch_de',
  source: 'rest',
  sourceVersion: 1,
  orderedAt: '2026-07-01T12:00:00+02:00',
  items: [{ salesOrderItemId: 'line-1', sku: 'SKU-1', quantity: 1 }],
  ...given,
})
