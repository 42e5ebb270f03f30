import type { Instant } from '@backhaul/domain'
import type { ServiceName } from '@backhaul/flow'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { z } from 'zod'
import type { CommonConfig } from './environment.ts'
import type { Health } from './health.ts'
import type { Metrics } from './metrics.ts'

/** Where time comes from; tests give their own. */
export interface Clock {
  now(): Instant
}

/** All that a service is given; it opens its clients from it and nothing else. */
export interface ServiceContext<C> {
  readonly config: C & CommonConfig
  readonly log: Logger
  readonly metrics: Metrics
  readonly health: Health
  /** Has `/metrics`, `/live` and `/ready`. Its other routes answer once `start` has resolved; 503 until then. */
  readonly http: FastifyInstance
  readonly clock: Clock
  /** Aborted when the service is asked to stop, also while it starts: a start that waits then throws. */
  readonly signal: AbortSignal
  /**
   * Waits out what the start needs: while a call throws a retryable Fault, `/ready` says why.
   *
   * @throws the reason of the signal when the service is asked to stop meanwhile.
   */
  untilStarted<T>(part: string, call: () => Promise<T>): Promise<T>
  /** Ends the process because of a bug: nothing more is committed, a restart resumes. */
  fail(error: unknown): void
}

/** A started service. */
export interface RunningService {
  /** Finishes what is in flight, commits and closes in reverse order of opening. */
  stop(): Promise<void>
}

export interface Service<S extends z.ZodObject = z.ZodObject> {
  readonly name: ServiceName
  /** Keys are the names of environment variables. */
  readonly config: S
  start(context: ServiceContext<z.output<S>>): Promise<RunningService>
}

/** Names a service's parts with their types tied together. */
export const defineService = <S extends z.ZodObject>(service: Service<S>): Service<S> => service
