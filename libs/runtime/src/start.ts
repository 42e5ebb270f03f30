import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { type Logger, pino } from 'pino'
import type { z } from 'zod'
import { readConfig } from './environment.ts'
import { openFrontDoor } from './front-door.ts'
import { Health } from './health.ts'
import { Metrics } from './metrics.ts'
import { probes } from './probes.ts'
import type { Clock, Service } from './service.ts'
import { untilStarted } from './wait-out.ts'

/** What a start may be given instead of the process's own. */
export interface StartOptions {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly clock?: Clock
  readonly log?: Logger
  /** Asks to give up a start that still waits for something. */
  readonly signal?: AbortSignal
  /** Called when the running service cannot go on. */
  readonly onFailure: (error: unknown) => void
}

/** A service that listens. */
export interface StartedService {
  readonly url: string
  stop(): Promise<void>
}

/**
 * Starts a service inside this process: config, logs, metrics, then it listens for probes, then its own start.
 * `/ready` says why while the start waits for something.
 *
 * @throws Fault `CONFIG_INVALID`; whatever the service's start throws, after the HTTP server is closed again.
 */
export async function startService<S extends z.ZodObject>(
  service: Service<S>,
  { environment, clock = { now: Date.now }, log: givenLog, signal: givenUp, onFailure }: StartOptions,
): Promise<StartedService> {
  const config = readConfig(service.config, environment)
  const log = givenLog ?? pino({ name: service.name, level: config.LOG_LEVEL })
  const metrics = new Metrics(service.name)
  const health = new Health()
  const stopping = new AbortController()
  const signal = givenUp ? AbortSignal.any([givenUp, stopping.signal]) : stopping.signal
  const http: FastifyInstance = Fastify({
    forceCloseConnections: true,
    requestIdHeader: 'x-request-id',
    loggerInstance: log as FastifyBaseLogger,
    // Errors are logged, not every request.
    logController: new LogController({ disableRequestLogging: true }),
  })
  await http.register(probes, { health, metrics })
  const door = await openFrontDoor(config, { name: service.name, health, metrics })
  const { url } = door
  log.info({ url }, 'listening')
  try {
    const running = await service.start({
      config,
      log,
      metrics,
      health,
      http,
      clock,
      signal,
      untilStarted: (part, call) => untilStarted(part, call, { waits: health, log, signal }),
      fail: onFailure,
    })
    await http.ready()
    door.open(http.routing)
    health.ok('service')
    log.info('started')
    return {
      url,
      async stop() {
        health.wait('service', 'stopping')
        stopping.abort()
        await running.stop()
        await door.close()
        await http.close()
        log.info('stopped')
      },
    }
  } catch (error) {
    stopping.abort()
    await door.close()
    await http.close()
    throw error
  }
}
