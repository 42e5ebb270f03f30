import { Fault } from '@backhaul/domain'
import { pino } from 'pino'
import type { z } from 'zod'
import type { Service } from './service.ts'
import { type StartedService, startService } from './start.ts'

/** How long a graceful stop may take. */
const STOP_DEADLINE_MS = 20_000

/** Exit codes: 1 a failure, 78 a faulty configuration (EX_CONFIG of sysexits.h). */
const EXIT_FAILURE = 1
const EXIT_CONFIG = 78

/**
 * Runs one service as this process: reads the environment, starts, stops gracefully on SIGTERM or SIGINT.
 * A second signal, or 20 s without an end, forces. A bug ends the process with nothing more committed.
 */
export function run<S extends z.ZodObject>(service: Service<S>): void {
  const log = pino({ name: service.name, level: process.env.LOG_LEVEL || 'info' })
  const stopping = new AbortController()
  let started: Promise<StartedService> | undefined

  const fail = (error: unknown) => {
    log.fatal({ err: error }, 'stopped by a failure')
    process.exit(error instanceof Fault && error.code === 'CONFIG_INVALID' ? EXIT_CONFIG : EXIT_FAILURE)
  }
  process.on('uncaughtException', fail)
  process.on('unhandledRejection', fail)

  let signals = 0
  const stop = async (signal: string) => {
    signals += 1
    if (signals > 1) {
      log.warn({ signal }, 'forced to stop')
      process.exit(EXIT_FAILURE)
    }
    log.info({ signal }, 'stopping')
    setTimeout(() => {
      log.error({ afterMs: STOP_DEADLINE_MS }, 'stop took too long')
      process.exit(EXIT_FAILURE)
    }, STOP_DEADLINE_MS).unref()
    stopping.abort()
    // A start that was given up has nothing to stop.
    const running = await started?.catch(() => undefined)
    await running?.stop()
    process.exit(0)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)

  started = startService(service, {
    environment: process.env,
    log,
    signal: stopping.signal,
    onFailure: fail,
  })
  started.catch((error) => {
    if (!stopping.signal.aborted) fail(error)
  })
}
