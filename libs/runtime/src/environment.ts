import { Fault } from '@backhaul/domain'
import { z } from 'zod'
import { kafkaFaults, url } from './kafka-environment.ts'

/** Where a service listens. Port 0 takes any free port. */
export const httpConfig = {
  HTTP_HOST: z.string().default('127.0.0.1'),
  HTTP_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
}

/** Postgres. Every service owns a schema of its own in this one database. */
export const databaseConfig = { DATABASE_URL: url }

/** ClickHouse, with the database as path. */
export const clickhouseConfig = { CLICKHOUSE_URL: url }

/** Settings and access tokens come from config-service. */
export const configServiceConfig = { CONFIG_SERVICE_URL: url, SERVICE_API_KEY: z.string().min(16) }

const commonConfig = {
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
  ...httpConfig,
}

export type CommonConfig = z.output<z.ZodObject<typeof commonConfig>>

/**
 * Reads a service's configuration from the environment.
 *
 * @throws Fault `CONFIG_INVALID` that lists every fault at once; values are never repeated, as they may be secrets.
 */
export function readConfig<S extends z.ZodObject>(
  shape: S,
  environment: Readonly<Record<string, string | undefined>>,
): z.output<S> & CommonConfig {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const parsed = shape.extend(commonConfig).safeParse(given)
  const faults = (parsed.error?.issues ?? []).map((issue) => {
    const name = issue.path.join('.') || 'environment'
    return given[name] === undefined ? `${name} is missing` : `${name}: ${issue.message}`
  })
  if ('KAFKA_BROKERS' in shape.shape) faults.push(...kafkaFaults(given))
  if (parsed.success && faults.length === 0) return parsed.data as z.output<S> & CommonConfig
  throw new Fault('CONFIG_INVALID', `The environment has ${faults.length} fault(s): ${faults.join('; ')}`, {
    details: { faults },
  })
}
