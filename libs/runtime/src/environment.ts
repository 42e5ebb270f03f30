import { Fault } from '@backhaul/domain'
import { z } from 'zod'

/** Text of an environment variable that says yes or no. */
export const flag = z.stringbool({ truthy: ['true', '1', 'yes'], falsy: ['false', '0', 'no'] })

const url = z.url({ error: 'must be a URL' })

/** Where a service listens. Port 0 takes any free port. */
export const httpConfig = {
  HTTP_HOST: z.string().default('127.0.0.1'),
  HTTP_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
}

/** Kafka and its schema registry. */
export const kafkaConfig = {
  KAFKA_BROKERS: z
    .string()
    .min(1)
    .transform((text) => text.split(',').map((broker) => broker.trim())),
  KAFKA_SSL: flag.default(false),
  KAFKA_SASL_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional(),
  KAFKA_SASL_USERNAME: z.string().optional(),
  KAFKA_SASL_PASSWORD: z.string().optional(),
  TOPIC_PREFIX: z
    .string()
    .regex(/^[a-zA-Z0-9._-]*$/, 'may hold letters, digits, dot, underscore and hyphen')
    .default(''),
  SCHEMA_REGISTRY_URL: url,
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
  if (parsed.success) return parsed.data as z.output<S> & CommonConfig
  const faults = parsed.error.issues.map((issue) => {
    const name = issue.path.join('.') || 'environment'
    return given[name] === undefined ? `${name} is missing` : `${name}: ${issue.message}`
  })
  throw new Fault('CONFIG_INVALID', `The environment has ${faults.length} fault(s): ${faults.join('; ')}`, {
    details: { faults },
  })
}
