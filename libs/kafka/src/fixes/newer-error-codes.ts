/**
 * kafkajs's table of error codes ends at 88. Later ones come without a name, as KAFKAJS_UNKNOWN_ERROR_CODE, and none of
 * them is tried again. Mends: kafkajs/src/protocol/error.js. Source: org.apache.kafka.common.protocol.Errors, Kafka 4.3:
 * those that a broker may answer to requests of ours. Upstream: no issue known.
 */
import { createRequire } from 'node:module'

interface ErrorCode {
  readonly type: string
  readonly code: number
  readonly retriable: boolean
  readonly message: string
}

const newer: readonly ErrorCode[] = [
  { code: 89, type: 'THROTTLING_QUOTA_EXCEEDED', retriable: true, message: 'A quota was exceeded' },
  {
    code: 90,
    type: 'PRODUCER_FENCED',
    retriable: false,
    message: 'A newer producer has this transactional id',
  },
  {
    code: 97,
    type: 'PRINCIPAL_DESERIALIZATION_FAILURE',
    retriable: false,
    message: 'The principal cannot be read',
  },
  { code: 100, type: 'UNKNOWN_TOPIC_ID', retriable: true, message: 'The broker does not know this topic id' },
  { code: 103, type: 'INCONSISTENT_TOPIC_ID', retriable: true, message: 'The topic was created anew' },
  {
    code: 105,
    type: 'TRANSACTIONAL_ID_NOT_FOUND',
    retriable: false,
    message: 'The transactional id is not known',
  },
  {
    code: 106,
    type: 'FETCH_SESSION_TOPIC_ID_ERROR',
    retriable: true,
    message: 'The fetch session mixes topic ids and names',
  },
  { code: 108, type: 'NEW_LEADER_ELECTED', retriable: false, message: 'The partition has a new leader' },
  {
    code: 109,
    type: 'OFFSET_MOVED_TO_TIERED_STORAGE',
    retriable: false,
    message: 'The offset is in tiered storage',
  },
  { code: 110, type: 'FENCED_MEMBER_EPOCH', retriable: false, message: 'The member was fenced by the group' },
  { code: 111, type: 'UNRELEASED_INSTANCE_ID', retriable: false, message: 'The instance id is still in use' },
  {
    code: 113,
    type: 'STALE_MEMBER_EPOCH',
    retriable: false,
    message: 'The member has an older epoch than the group',
  },
  { code: 120, type: 'TRANSACTION_ABORTABLE', retriable: false, message: 'The transaction must be aborted' },
  {
    code: 129,
    type: 'REBOOTSTRAP_REQUIRED',
    retriable: false,
    message: 'The client must ask the bootstrap brokers again',
  },
]

const { errorCodes } = createRequire(import.meta.url)('kafkajs/src/protocol/error') as {
  errorCodes: ErrorCode[]
}
errorCodes.push(...newer.filter(({ code }) => !errorCodes.some((known) => known.code === code)))
