import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import type { Clock } from './clock.ts'
import { control } from './routes/control.ts'
import { documents } from './routes/documents.ts'
import { login } from './routes/login.ts'
import { sellingPartner } from './routes/selling-partner.ts'
import { type Pace, Simulation } from './simulation.ts'
import { Throttle } from './throttle.ts'

export interface SimulatorOptions {
  /** 0 takes any free port. */
  readonly port?: number
  /** Address to listen on. */
  readonly host?: string
  /** Base of document addresses, where callers reach it by another name. */
  readonly publicUrl?: string
  readonly seed?: number
  /** Instant that the demo data is laid around, milliseconds; the same epoch gives the same data. Default: today. */
  readonly epoch?: number
  readonly pace?: Pace
  /** Multiplies Amazon's quotas, for tests that are about something else. */
  readonly quotaFactor?: number
  /** Where the simulated days stand. */
  readonly clock?: Clock
}

const DAY_MS = 86_400_000
const DEFAULT_PACE: Pace = { queueMs: 300, progressMs: 700 }
const BODY_BYTES = 64 * 1024 * 1024

/** Starts a simulated Amazon; by default it can be reached from this machine only. */
export async function startSimulator({
  port = 0,
  host = '127.0.0.1',
  publicUrl,
  seed = 1,
  epoch = Math.floor(Date.now() / DAY_MS) * DAY_MS,
  pace = DEFAULT_PACE,
  quotaFactor = 1,
  clock,
}: SimulatorOptions = {}): Promise<{ url: string; simulation: Simulation; stop: () => Promise<void> }> {
  const simulation = new Simulation(seed, epoch, pace, clock)
  const http = Fastify({ forceCloseConnections: true, bodyLimit: BODY_BYTES })
  // The npm client names a JSON body with calls that have none.
  http.removeContentTypeParser('application/json')
  http.addContentTypeParser(/^application\/json/, { parseAs: 'string' }, (_request, body, done) => {
    done(null, body === '' ? null : JSON.parse(String(body)))
  })
  http.get('/ready', async () => ({ status: 'ready' }))
  const baseUrl = () => publicUrl ?? `http://127.0.0.1:${(http.server.address() as AddressInfo).port}`
  await http.register(login, { simulation })
  await http.register(sellingPartner, { simulation, throttle: new Throttle(quotaFactor), baseUrl })
  await http.register(documents, { simulation })
  await http.register(control, { simulation })
  await http.listen({ host, port })
  return { url: baseUrl(), simulation, stop: () => http.close() }
}
