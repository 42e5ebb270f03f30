import { Fault } from '@backhaul/domain'
import type { InputRecord, KafkaClient } from '@backhaul/kafka'
import type { ErrorCode } from '../errors.ts'

/** A few bad records are never a fault of the system, whatever their share. */
const ALWAYS_ALLOWED = 10
const MOST_SHARE = 0.01
/** The share is that of about the last so many records. */
const WINDOW = 10_000

/** Where known bad records go: bytes untouched, headers tell origin and cause. */
export interface DeadLetters {
  /** Counts records that were read, bad ones included. */
  read(records: number): void
  /**
   * Sends one record.
   *
   * @throws Fault `TOO_MANY_REJECTED`, which stops the service; Kafka's own retryable faults.
   */
  reject(record: InputRecord, fault: Fault, step: string): Promise<void>
}

/** Dead letters of this service. A record that is read again after a crash may be sent twice, with the same origin. */
export function deadLetters(kafka: KafkaClient<'postgres-sink'>): DeadLetters {
  let read = 0
  let rejected = 0
  return {
    read(records) {
      read += records
      if (read > WINDOW) {
        read /= 2
        rejected /= 2
      }
    },
    async reject(record, fault, step) {
      rejected += 1
      if (rejected > Math.max(ALWAYS_ALLOWED, read * MOST_SHARE)) {
        const told = `More than ${MOST_SHARE * 100} % of the records are bad, the last for ${fault.code}: stopped`
        throw new Fault('TOO_MANY_REJECTED' satisfies ErrorCode, told, { cause: fault })
      }
      // Opened for each, as bad records are rare; one id a partition, as two instances never share one.
      const writer = await kafka.transactionalWriter(`dead-letters-${record.topic}-${record.partition}`)
      try {
        await writer.transaction((outbox) =>
          outbox.writeRaw('dead-letters.postgres-sink.v1', {
            key: record.raw.key,
            value: record.raw.value,
            headers: kafka.deadLetterHeaders(record, fault, step),
            timestamp: String(record.timestamp),
          }),
        )
      } finally {
        await writer.close()
      }
    },
  }
}
