import type * as kafkajs from 'kafkajs'

/** How to reach Kafka: the variables of `kafkaConfig` in @backhaul/runtime. */
export interface KafkaSettings {
  readonly KAFKA_BROKERS: readonly string[]
  readonly KAFKA_SSL?: boolean | undefined
  readonly KAFKA_SASL_MECHANISM?: 'plain' | 'scram-sha-256' | 'scram-sha-512' | undefined
  readonly KAFKA_SASL_USERNAME?: string | undefined
  readonly KAFKA_SASL_PASSWORD?: string | undefined
  /** Prefix of every physical topic, group and transactional id. */
  readonly TOPIC_PREFIX: string
}

/** Settings in kafkajs's words. */
export function toKafkaConfig(settings: KafkaSettings, clientId: string): kafkajs.KafkaConfig {
  const {
    KAFKA_SASL_MECHANISM: mechanism,
    KAFKA_SASL_USERNAME: username,
    KAFKA_SASL_PASSWORD: password,
  } = settings
  return {
    clientId,
    brokers: [...settings.KAFKA_BROKERS],
    ssl: settings.KAFKA_SSL ?? false,
    ...(mechanism && {
      sasl: { mechanism, username: username ?? '', password: password ?? '' } as kafkajs.SASLOptions,
    }),
    connectionTimeout: 5_000,
    requestTimeout: 30_000,
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 8 },
  }
}
