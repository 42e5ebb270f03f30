import { setTimeout as sleep } from 'node:timers/promises'
import { demoSeller } from '@backhaul/amazon-simulator'
import { marketplaceById } from '@backhaul/domain'

const SHOP_POLL_MS = 3_000
const ORDERS_PER_CALL = 500
/** One report a marketplace covers them: a window has at most 60 days. */
const DEMO_DAYS = 58
const DAY_MS = 86_400_000

const REASONS = [
  { code: 'defective', name: 'Defective', amazon: ['CR-DEFECTIVE', 'CR-QUALITY_UNACCEPTABLE'] },
  { code: 'changed-mind', name: 'Changed mind', amazon: ['CR-UNWANTED_ITEM', 'CR-ORDERED_WRONG_ITEM'] },
  { code: 'size', name: 'Does not fit', amazon: ['AMZ-PG-APP-TOO-SMALL'] },
  { code: 'not-as-described', name: 'Not as described', amazon: ['AMZ-PG-BAD-DESC'] },
]

/** Where the demo's programs listen. */
export interface DemoUrls {
  readonly configService: string
  readonly orderImporter: string
  readonly amazon: string
}

interface Named {
  readonly id: string
  readonly name: string
}

/**
 * The demo seller, set up by REST as a person would do it: channels, reasons, an integration with its mappings and its
 * authorisation. What is there already is left alone.
 */
export class Demo {
  readonly #urls: DemoUrls
  readonly #apiKey: string
  readonly #channelOf = new Map<string, string>()
  readonly #given = new Set<string>()

  constructor(urls: DemoUrls, apiKey: string) {
    this.#urls = urls
    this.#apiKey = apiKey
  }

  /** @returns The integration's id. */
  async setUp(): Promise<string> {
    const { configService } = this.#urls
    const channels = await this.#list(`${configService}/v1/channels`)
    for (const marketplaceId of demoSeller.marketplaces) {
      const name = `Amazon ${marketplaceById(marketplaceId)?.country}`
      const there = channels.find((channel) => channel.name === name)
      const channel = there ?? (await this.#send<Named>('POST', `${configService}/v1/channels`, { name }))
      this.#channelOf.set(marketplaceId, channel.id)
    }
    const integrations = await this.#list(`${configService}/v1/integrations`)
    return integrations[0]?.id ?? (await this.#createIntegration())
  }

  /** Gives the orders that the demo shop has by now and had not given, until stopped; late ones come as days pass. */
  async giveOrders(signal: AbortSignal, warn: (message: string) => void): Promise<void> {
    while (!signal.aborted) {
      await this.giveNewOrders().catch((error: Error) => warn(error.message))
      await sleep(SHOP_POLL_MS, undefined, { signal }).catch(() => {})
    }
  }

  /** @returns How many were given. */
  async giveNewOrders(): Promise<number> {
    const { amazon, orderImporter } = this.#urls
    const orders = (await (await fetch(`${amazon}/_control/orders`)).json()) as {
      marketplaceId: string
      salesOrderId: string
    }[]
    const fresh = orders.filter((order) => !this.#given.has(order.salesOrderId))
    for (let at = 0; at < fresh.length; at += ORDERS_PER_CALL) {
      const part = fresh.slice(at, at + ORDERS_PER_CALL)
      const body = part.map(({ marketplaceId, ...order }) => ({
        ...order,
        channelId: this.#channelOf.get(marketplaceId),
      }))
      await this.#send('POST', `${orderImporter}/v1/sales-orders`, body)
      for (const { salesOrderId } of part) this.#given.add(salesOrderId)
    }
    return fresh.length
  }

  async #createIntegration(): Promise<string> {
    const { configService } = this.#urls
    const base = `${configService}/v1/integrations`
    const start = new Date(Date.now() - DEMO_DAYS * DAY_MS).toISOString().slice(0, 10)
    const { id } = await this.#send<Named>('POST', base, {
      name: 'Demo seller',
      intervalHours: 1,
      initialReportStartTime: `${start} 00:00:00`,
      mainMarketplace: 'DE',
    })
    const reasons = await this.#list(`${configService}/v1/return-reasons`)
    const mappings = []
    for (const { code, name, amazon } of REASONS) {
      const there = reasons.find((reason) => reason.name === name)
      const target =
        there ?? (await this.#send<Named>('POST', `${configService}/v1/return-reasons`, { code, name }))
      mappings.push(...amazon.map((amazonReason) => ({ amazonReason, returnReasonId: target.id })))
    }
    await this.#send('PUT', `${base}/${id}/reason-mapping`, { mappings })
    await this.#send('PUT', `${base}/${id}/marketplace-mapping`, {
      mappings: [...this.#channelOf].map(([marketplaceId, channelId]) => ({ marketplaceId, channelId })),
    })
    const { sellerId, refreshToken } = demoSeller
    await this.#send('PUT', `${base}/${id}/authorisation`, { sellerId, refreshToken })
    return id
  }

  async #list(url: string): Promise<Named[]> {
    return this.#send('GET', url)
  }

  async #send<T>(method: string, url: string, body?: object): Promise<T> {
    const answer = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${this.#apiKey}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${url} answered ${answer.status}: ${await answer.text()}`)
    return (await answer.json()) as T
  }
}
