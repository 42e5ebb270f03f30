import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'
import { eventually } from '@backhaul/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { DAY_MS, DE, documentOf, type Ground, reportRow, startGround } from './fetcher.ts'

/** A way to a server that can be cut and mended. */
class Line {
  cut = false
  readonly #sockets = new Set<Socket>()
  readonly #server = createServer((near) => {
    if (this.cut) return void near.destroy()
    const far = connect(this.#port, this.#host)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from)
      from.on('error', () => to.destroy()).on('close', () => to.destroy())
      from.pipe(to)
    }
  })
  #host = ''
  #port = 0

  /** @returns Where the line begins. */
  async to(host: string, port: number): Promise<number> {
    this.#host = host
    this.#port = port
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return (this.#server.address() as AddressInfo).port
  }

  break(): void {
    this.cut = true
    for (const socket of this.#sockets) socket.destroy()
    this.#sockets.clear()
  }

  mend(): void {
    this.cut = false
  }

  close(): void {
    this.break()
    this.#server.close()
  }
}

/** As many as make several pieces of a document. */
const MANY_ROWS = 20_000

const postgres = new Line()
const kafka = new Line()
const registry = new Line()
let ground: Ground

beforeAll(async () => {
  ground = await startGround()
  ground.amazon.worldReturns = false
  // Behind real time, so that waits are passed by moving it: Amazon takes no window of the future.
  ground.clock.aheadMs = -DAY_MS
  const { environment } = ground
  for (const [name, line] of [
    ['DATABASE_URL', postgres],
    ['SCHEMA_REGISTRY_URL', registry],
  ] as const) {
    const url = new URL(environment[name] as string)
    url.port = String(await line.to(url.hostname, Number(url.port)))
    environment[name] = url.href
  }
  const [host = '', port] = (environment.KAFKA_BROKERS as string).split(':')
  environment.KAFKA_BROKERS = `127.0.0.1:${await kafka.to(host, Number(port))}`
})
afterAll(async () => {
  await ground.close()
  for (const line of [postgres, kafka, registry]) line.close()
})
beforeEach(() => {
  ground.config.integrations = []
  ground.amazon.givenRows.set(DE, [reportRow(), reportRow()])
})

const reasons = async (): Promise<Record<string, string>> =>
  ((await (await fetch(`${ground.url()}/ready`)).json()) as { reasons?: Record<string, string> }).reasons ??
  {}
const ready = () => eventually(async () => expect(await reasons()).toEqual({}))

test('C18: Postgres lost in mid-work: /ready says so, nothing is lost, it goes on by itself', async () => {
  await ground.start()
  await ready()
  const integration = ground.integration()
  await ground.allEnded(integration, 1)
  postgres.break()
  await eventually(async () => expect(Object.values(await reasons()).join()).toContain('Postgres'))
  const refused = await ground.import(integration, documentOf([reportRow()]))
  expect(refused).toMatchObject({ status: 503, body: { code: 'POSTGRES_UNAVAILABLE' } })
  postgres.mend()
  await ready()
  expect(await ground.fetchNow(integration)).toMatchObject([{ state: 'PUBLISHED', counts: { unchanged: 2 } }])
  expect(ground.failures).toEqual([])
})

test('C18: config-service down: /ready says so, what was planned waits, then goes on', async () => {
  await ready()
  ground.config.down = true
  await eventually(async () => expect((await reasons()).planning).toContain('config-service'))
  expect(await ground.import({ id: 'x', tenantId: 'tenant-1' }, 'x')).toMatchObject({ status: 503 })
  ground.config.down = false
  const integration = ground.integration()
  expect(await ground.allEnded(integration, 1)).toMatchObject([{ state: 'PUBLISHED' }])
  await ready()
  expect(ground.failures).toEqual([])
})

test('C18: Kafka down: the run says so, /ready says so, and each row is published once when it is back', async () => {
  await ready()
  kafka.break()
  const integration = ground.integration()
  await eventually(async () => {
    expect((await ground.runs(integration.id))[0]?.error).toContain('Kafka')
    expect((await reasons()).kafka).toContain('Kafka')
  })
  kafka.mend()
  ground.clock.aheadMs += 60_000
  expect(await ground.allEnded(integration, 1)).toMatchObject([{ state: 'PUBLISHED', error: null }])
  expect(await ground.published(integration)).toHaveLength(2)
  await ready()
  expect(ground.failures).toEqual([])
}, 90_000)

test('C18: a schema registry that is down at start is waited for', async () => {
  await ground.stop()
  registry.break()
  const logged = ground.logs.length
  const starting = ground.start()
  await eventually(() => expect(ground.logs.slice(logged).join()).toContain('"part":"schema registry"'))
  registry.mend()
  await starting
  const integration = ground.integration()
  expect(await ground.allEnded(integration, 1)).toMatchObject([{ state: 'PUBLISHED' }])
  await ready()
  expect(ground.failures).toEqual([])
})

test('a stop amid a large document waits for the piece at hand alone; the next start goes on there', async () => {
  await ready()
  const integration = ground.integration({ automaticImport: false })
  const document = documentOf(Array.from({ length: MANY_ROWS }, () => reportRow()))
  const { body } = await ground.import(integration, document)
  await eventually(async () =>
    expect((await ground.announced(integration)).at(-1)?.position).toBeGreaterThan(0),
  )
  await ground.stop()
  expect((await ground.announced(integration)).at(-1)?.state).toBe('ARCHIVED')
  await ground.start()
  expect(await ground.ended(body.reportRunId)).toMatchObject({
    state: 'PUBLISHED',
    counts: { new: MANY_ROWS },
  })
  expect(await ground.published(integration)).toHaveLength(MANY_ROWS)
  expect(ground.failures).toEqual([])
})
