/** Codes of this service's faults, a closed list. */
export const errors = {
  CLICKHOUSE_UNAVAILABLE: 'ClickHouse is down, busy or out of room; waited out',
  ROWS_UNSTORABLE: 'ClickHouse refuses a value of the record, or would change it; dead letter',
  CONTRACT_BROKEN: 'a record has no key, no value, or the key of another return; dead letter',
  RANGE_UNREADABLE: 'the position in Kafka carries a note that this service did not write; stops',
  OFFSETS_LOST: 'ClickHouse has been written to, but the group has no offsets; stops',
} as const

export type ErrorCode = keyof typeof errors
