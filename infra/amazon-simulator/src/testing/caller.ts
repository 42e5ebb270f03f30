import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { demoSeller } from '../sellers/demo-seller.ts'
import type { Seller } from '../sellers/sellers.ts'
import type { Simulator } from '../start.ts'

const DAY_MS = 86_400_000
const RETURNS = 'GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE'

/** What an answer of any operation may hold. */
export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly body: {
    readonly reportId: string
    readonly processingStatus: string
    readonly reportDocumentId: string
    readonly reportScheduleId: string
    readonly url: string
    readonly compressionAlgorithm: string
    readonly reports: Answered['body'][]
    readonly nextToken: string
    readonly access_token: string
    readonly error: string
    readonly errors: readonly { readonly code: string; readonly details: string }[]
  }
}

export const scenarioFile = (name: string): string =>
  fileURLToPath(new URL(`../../scenarios/${name}.yaml`, import.meta.url))

/** Calls the simulator over HTTP as the application of one seller. */
export class Caller {
  readonly #simulator: Simulator
  readonly seller: Seller
  #token = ''

  constructor(simulator: Simulator, seller: Seller = simulator.simulation.sellers.first) {
    this.#simulator = simulator
    this.seller = seller
  }

  /** Marketplace ids of the seller. */
  get marketplaces(): readonly string[] {
    return this.seller.spec.marketplaces
  }

  async logIn(): Promise<Answered> {
    const answer = await this.#send('POST', '/auth/o2/token', {
      grant_type: 'refresh_token',
      refresh_token: this.seller.spec.refreshToken,
      client_id: demoSeller.clientId,
      client_secret: demoSeller.clientSecret,
    })
    this.#token = answer.body.access_token
    return answer
  }

  async call(method: string, path: string, body?: object): Promise<Answered> {
    if (!this.#token) await this.logIn()
    return this.#send(method, path, body)
  }

  /** Asks for a report of the last 60 days. */
  create({
    marketplace = this.marketplaces[0] as string,
    reportType = RETURNS,
    days = 60,
  } = {}): Promise<Answered> {
    const now = this.#simulator.simulation.clock.now()
    return this.call('POST', '/reports/2021-06-30/reports', {
      reportType,
      marketplaceIds: [marketplace],
      dataStartTime: new Date(now - days * DAY_MS).toISOString(),
      dataEndTime: new Date(now).toISOString(),
    })
  }

  get(reportId: string): Promise<Answered> {
    return this.call('GET', `/reports/2021-06-30/reports/${reportId}`)
  }

  /** The status in which a new report is at once. */
  async statusOfNew(asked: Parameters<Caller['create']>[0] = {}): Promise<string> {
    const { body } = await this.create(asked)
    return (await this.get(body.reportId)).body.processingStatus
  }

  /** The document of a new report, as `getReportDocument` tells it. */
  async newDocument(asked: Parameters<Caller['create']>[0] = {}): Promise<Answered['body']> {
    const { body } = await this.create(asked)
    const { reportDocumentId } = (await this.get(body.reportId)).body
    return (await this.call('GET', `/reports/2021-06-30/documents/${reportDocumentId}`)).body
  }

  /** The bytes and header of a new report's document. */
  async download(asked: Parameters<Caller['create']>[0] = {}) {
    const { url, compressionAlgorithm } = await this.newDocument(asked)
    const answer = await fetch(url)
    const bytes = Buffer.from(await answer.arrayBuffer())
    return {
      status: answer.status,
      contentType: answer.headers.get('content-type'),
      bytes,
      compressionAlgorithm,
    }
  }

  /** The lines of a new report's document. */
  async lines(asked: Parameters<Caller['create']>[0] = {}): Promise<string[]> {
    const { bytes, contentType } = await this.download(asked)
    const plain = bytes[0] === 0x1f ? gunzipSync(bytes) : bytes
    const charset = /charset=(\S+)/.exec(contentType ?? '')?.[1] ?? 'utf-8'
    return new TextDecoder(charset === 'Cp1252' ? 'windows-1252' : charset).decode(plain).split(/\r?\n/)
  }

  async #send(method: string, path: string, body?: object): Promise<Answered> {
    const answer = await fetch(this.#simulator.url + path, {
      method,
      headers: { 'x-amz-access-token': this.#token, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return {
      status: answer.status,
      headers: answer.headers,
      body: text.startsWith('{') ? JSON.parse(text) : {},
    }
  }
}
