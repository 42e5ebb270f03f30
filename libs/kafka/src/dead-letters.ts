import type { Fault } from '@backhaul/domain'
import type { InputRecord } from './records.ts'

/** Headers of a dead letter: where the record came from and why it is here. Bytes stay untouched. */
export function deadLetterHeaders(
  record: InputRecord,
  fault: Fault,
  step: string,
  appVersion: string,
): Record<string, string | Buffer> {
  const original = Object.entries(record.raw.headers).filter((h): h is [string, Buffer] => h[1] !== null)
  return {
    ...Object.fromEntries(original),
    'origin-topic': record.topic,
    'origin-partition': String(record.partition),
    'origin-offset': String(record.offset),
    'origin-timestamp': String(record.timestamp),
    step,
    'error-code': fault.code,
    'error-message': fault.message,
    attempt: '1',
    'app-version': appVersion,
  }
}
