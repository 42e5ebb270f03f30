import { accessSync, constants } from 'node:fs'
import { z } from 'zod'

/** Kafka aborts a transaction that is open longer. Source: the default of Kafka Streams. */
export const TRANSACTION_TIMEOUT_MS = 10_000

/** How long a seat in a group outlives its last heartbeat, unless set. */
export const SESSION_TIMEOUT_MS = 15_000

/** Most a broker allows unless told otherwise. Source: `group.max.session.timeout.ms`. */
const LONGEST_SESSION_MS = 1_800_000

/** Share of dead letters above which a consumer stops, unless set. */
export const DEAD_LETTER_SHARE_LIMIT = 0.01

/** Text of an environment variable that says yes or no. */
export const flag = z.stringbool({ truthy: ['true', '1', 'yes'], falsy: ['false', '0', 'no'] })

export const url = z.url({ error: 'must be a URL' })

const readableFile = z.string().refine(isReadable, 'names no file that can be read')

/** Kafka and its schema registry. What must stand together is checked by `kafkaFaults`. */
export const kafkaConfig = {
  KAFKA_BROKERS: z
    .string()
    .min(1)
    .transform((text) => text.split(',').map((broker) => broker.trim())),
  KAFKA_SSL: flag.default(false),
  KAFKA_SSL_CA_FILE: readableFile.optional(),
  KAFKA_SSL_CERT_FILE: readableFile.optional(),
  KAFKA_SSL_KEY_FILE: readableFile.optional(),
  KAFKA_SASL_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer']).optional(),
  KAFKA_SASL_USERNAME: z.string().optional(),
  KAFKA_SASL_PASSWORD: z.string().optional(),
  KAFKA_OAUTH_TOKEN_URL: url.optional(),
  KAFKA_OAUTH_CLIENT_ID: z.string().optional(),
  KAFKA_OAUTH_CLIENT_SECRET: z.string().optional(),
  KAFKA_OAUTH_SCOPE: z.string().optional(),
  KAFKA_OAUTH_TOKEN_FILE: readableFile.optional(),
  /** Name of this process in its group, the same after a restart: it keeps its partitions. Unset: a new member each time. */
  KAFKA_INSTANCE_ID: z
    .string()
    .regex(/^[a-zA-Z0-9._-]{1,249}$/, 'may hold letters, digits, dot, underscore and hyphen')
    .optional(),
  /** A zombie must lose its open transaction before it loses its partitions to another. Source: franz-go, kgo. */
  KAFKA_SESSION_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .gt(
      TRANSACTION_TIMEOUT_MS,
      `must be above ${TRANSACTION_TIMEOUT_MS}, the time that a transaction may be open`,
    )
    .max(LONGEST_SESSION_MS)
    .default(SESSION_TIMEOUT_MS),
  /** 1 never stops. */
  DEAD_LETTER_SHARE_LIMIT: z.coerce.number().min(0).max(1).default(DEAD_LETTER_SHARE_LIMIT),
  TOPIC_PREFIX: z
    .string()
    .regex(/^[a-zA-Z0-9._-]*$/, 'may hold letters, digits, dot, underscore and hyphen')
    .default(''),
  SCHEMA_REGISTRY_URL: url,
}

type Name = keyof typeof kafkaConfig

const TLS_FILES: readonly Name[] = ['KAFKA_SSL_CA_FILE', 'KAFKA_SSL_CERT_FILE', 'KAFKA_SSL_KEY_FILE']
const PASSWORD: readonly Name[] = ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD']
const CLIENT: readonly Name[] = [
  'KAFKA_OAUTH_TOKEN_URL',
  'KAFKA_OAUTH_CLIENT_ID',
  'KAFKA_OAUTH_CLIENT_SECRET',
]

/** What is missing, or there without effect, among variables that belong together. */
export function kafkaFaults(given: Readonly<Partial<Record<Name, string>>>): string[] {
  const missing = (names: readonly Name[], because: string) =>
    names.filter((name) => given[name] === undefined).map((name) => `${name} is missing: ${because}`)
  const useless = (names: readonly Name[], because: string) =>
    names.filter((name) => given[name] !== undefined).map((name) => `${name} has no effect: ${because}`)

  const mechanism = given.KAFKA_SASL_MECHANISM
  const isOauth = mechanism === 'oauthbearer'
  const faults: string[] = []
  if (!flag.safeParse(given.KAFKA_SSL ?? 'false').data) {
    faults.push(...useless(TLS_FILES, 'KAFKA_SSL is not true'))
  }
  if (given.KAFKA_SSL_CERT_FILE || given.KAFKA_SSL_KEY_FILE) {
    faults.push(...missing(['KAFKA_SSL_CERT_FILE', 'KAFKA_SSL_KEY_FILE'], 'the two go together'))
  }
  if (mechanism && !isOauth) faults.push(...missing(PASSWORD, `KAFKA_SASL_MECHANISM is ${mechanism}`))
  if (!mechanism) faults.push(...useless(PASSWORD, 'KAFKA_SASL_MECHANISM is not set'))
  if (!isOauth) {
    const names: Name[] = [...CLIENT, 'KAFKA_OAUTH_SCOPE', 'KAFKA_OAUTH_TOKEN_FILE']
    faults.push(...useless(names, 'KAFKA_SASL_MECHANISM is not oauthbearer'))
  } else if (given.KAFKA_OAUTH_TOKEN_FILE) {
    faults.push(...useless([...CLIENT, 'KAFKA_OAUTH_SCOPE'], 'KAFKA_OAUTH_TOKEN_FILE gives the token'))
  } else {
    faults.push(...missing(CLIENT, 'oauthbearer needs these, or KAFKA_OAUTH_TOKEN_FILE'))
  }
  return faults
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch {
    return false
  }
}
