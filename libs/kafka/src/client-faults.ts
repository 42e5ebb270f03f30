import { Fault } from '@backhaul/domain'

/** kafkajs's own errors pass by waiting; anything else is a bug, or a Fault already, and comes back as it is. */
export function asFault(part: string, error: unknown): unknown {
  const name = error instanceof Error ? error.name : ''
  if (!name.startsWith('KafkaJS')) return error
  return new Fault('KAFKA_UNAVAILABLE', `Kafka does not answer for ${part}: ${(error as Error).message}`, {
    retryable: true,
    cause: error,
  })
}
