import { readFileSync } from 'node:fs'
import type { kafkaConfig } from '@backhaul/runtime'
import type * as kafkajs from 'kafkajs'
import type { z } from 'zod'
import { tokenInFile, tokensOf } from './oauth-token.ts'

type Environment = Omit<z.output<z.ZodObject<typeof kafkaConfig>>, 'SCHEMA_REGISTRY_URL'>

/** How to reach Kafka and how to behave there: `kafkaConfig` of @backhaul/runtime, which says what each is and checks it. */
export type KafkaSettings = Pick<Environment, 'KAFKA_BROKERS' | 'TOPIC_PREFIX'> & Partial<Environment>

/** Settings in kafkajs's words. The one place where TLS and SASL are set. */
export function toKafkaConfig(settings: KafkaSettings, clientId: string): kafkajs.KafkaConfig {
  const sasl = toSasl(settings)
  return {
    clientId,
    brokers: [...settings.KAFKA_BROKERS],
    ssl: toSsl(settings),
    ...(sasl && { sasl }),
    connectionTimeout: 5_000,
    requestTimeout: 30_000,
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 8 },
  }
}

function toSsl(settings: KafkaSettings): NonNullable<kafkajs.KafkaConfig['ssl']> {
  const { KAFKA_SSL_CA_FILE: ca, KAFKA_SSL_CERT_FILE: cert, KAFKA_SSL_KEY_FILE: key } = settings
  if (!settings.KAFKA_SSL) return false
  return {
    ...(ca && { ca: readFileSync(ca) }),
    ...(cert && { cert: readFileSync(cert) }),
    ...(key && { key: readFileSync(key) }),
  }
}

function toSasl(settings: KafkaSettings): kafkajs.SASLOptions | undefined {
  const { KAFKA_SASL_MECHANISM: mechanism } = settings
  if (!mechanism) return undefined
  if (mechanism !== 'oauthbearer') {
    const { KAFKA_SASL_USERNAME: username = '', KAFKA_SASL_PASSWORD: password = '' } = settings
    return { mechanism, username, password } as kafkajs.SASLOptions
  }
  const token = settings.KAFKA_OAUTH_TOKEN_FILE
    ? tokenInFile(settings.KAFKA_OAUTH_TOKEN_FILE)
    : tokensOf({
        url: settings.KAFKA_OAUTH_TOKEN_URL ?? '',
        clientId: settings.KAFKA_OAUTH_CLIENT_ID ?? '',
        clientSecret: settings.KAFKA_OAUTH_CLIENT_SECRET ?? '',
        scope: settings.KAFKA_OAUTH_SCOPE,
      })
  return { mechanism, oauthBearerProvider: async () => ({ value: await token() }) }
}
