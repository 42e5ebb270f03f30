import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import { Clock, HEADROOM_DAYS } from './clock.ts'
import { amazonError } from './routes/amazon-error.ts'
import { control } from './routes/control.ts'
import { documents } from './routes/documents.ts'
import { login } from './routes/login.ts'
import { reports } from './routes/reports.ts'
import { schedules } from './routes/schedules.ts'
import { sellers } from './routes/sellers.ts'
import { playScenario } from './scenario/play-scenario.ts'
import { readScenario } from './scenario/read-scenario.ts'
import type { Scenario } from './scenario/scenario.ts'
import { demoSpec, type SellerSpec } from './sellers/sellers.ts'
import { type Pace, Simulation } from './simulation.ts'

export interface SimulatorOptions {
  /** 0 takes any free port. */
  readonly port?: number
  /** Address to listen on. */
  readonly host?: string
  /** Base of document addresses, where callers reach it by another name. */
  readonly publicUrl?: string
  readonly seed?: number
  /** Instant that the sellers' days are laid around, milliseconds; the same epoch gives the same data. Default: today. */
  readonly epoch?: number
  readonly pace?: Pace
  /** Multiplies Amazon's quotas, for tests that are about something else. */
  readonly quotaFactor?: number
  /** Where time stands. */
  readonly clock?: Clock
  /** Sellers in the demo seller's place. */
  readonly sellers?: readonly SellerSpec[]
  /** A scenario, or the path of its file. What it says goes before the options. */
  readonly scenario?: Scenario | string
}

/** A running simulator. */
export interface Simulator {
  readonly url: string
  readonly simulation: Simulation
  readonly stop: () => Promise<void>
}

const DAY_MS = 86_400_000
const DEFAULT_PACE: Pace = { queueMs: 300, progressMs: 700 }
const BODY_BYTES = 64 * 1024 * 1024

/**
 * Starts a simulated Amazon; by default it can be reached from this machine only.
 *
 * @throws ScenarioError when the scenario's file cannot be read or is wrong.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { port = 0, host = '127.0.0.1', publicUrl } = options
  const simulation = simulationOf(options)
  const http = Fastify({ forceCloseConnections: true, bodyLimit: BODY_BYTES })
  // The npm client names a JSON body with calls that have none.
  http.removeContentTypeParser('application/json')
  http.addContentTypeParser(
    /^application\/json/,
    { parseAs: 'string' },
    async (_request: unknown, body: string) => (body === '' ? null : parseJson(body)),
  )
  http.get('/ready', async () => ({ status: 'ready' }))
  const baseUrl = () => publicUrl ?? `http://127.0.0.1:${(http.server.address() as AddressInfo).port}`
  await http.register(login, { simulation })
  await http.register(reports, { simulation, baseUrl })
  await http.register(schedules, { simulation })
  await http.register(sellers, { simulation })
  await http.register(documents, { simulation })
  await http.register(control, { simulation })
  for (const unknown of ['/reports/*', '/sellers/*']) {
    http.all(unknown, async (_request, reply) =>
      amazonError(reply, 403, 'MissingAuthenticationToken', 'Missing Authentication Token'),
    )
  }
  await http.listen({ host, port })
  return { url: baseUrl(), simulation, stop: () => http.close() }
}

function simulationOf(options: SimulatorOptions): Simulation {
  const { quotaFactor = 1, clock = new Clock() } = options
  const scenario = typeof options.scenario === 'string' ? readScenario(options.scenario) : options.scenario
  const pace = options.pace ?? DEFAULT_PACE
  const simulation = new Simulation({
    seed: scenario?.seed ?? options.seed ?? 1,
    epoch: epochOf(scenario, options.epoch),
    pace: {
      queueMs: scenario?.pace?.queue ?? pace.queueMs,
      progressMs: scenario?.pace?.progress ?? pace.progressMs,
    },
    quotaFactor,
    clock,
    sellers: scenario?.sellers ?? options.sellers ?? [demoSpec],
  })
  if (scenario) {
    simulation.onReset = () => playScenario(simulation, scenario)
    playScenario(simulation, scenario)
  }
  return simulation
}

/** With a time of its own, the sellers have sixty days behind them and two weeks before them. */
function epochOf(scenario: Scenario | undefined, given: number | undefined): number {
  const today = Math.floor((scenario?.clock?.now ?? Date.now()) / DAY_MS) * DAY_MS
  return scenario?.clock ? today + HEADROOM_DAYS * DAY_MS : (given ?? today)
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch (cause) {
    throw Object.assign(new Error('The body is not JSON', { cause }), { statusCode: 400 })
  }
}
