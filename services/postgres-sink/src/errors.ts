/** Codes of this service's faults, a closed list. */
export const errors = {
  POSTGRES_UNAVAILABLE: 'Postgres is down, restarting or out of room; waited out',
  POSTGRES_CONFLICT: 'another transaction was in the way (deadlock, serialisation, lock); tried again',
  FENCED: 'another owner has this partition; it is opened anew if it is still ours',
  OFFSETS_NOT_CONTIGUOUS: 'records do not follow on what is stored; stops, as going on would lose some',
  RETURN_ORDER_UNSTORABLE: 'Postgres refuses a value of the record; dead letter',
  CONTRACT_BROKEN: 'a record has no key, or the key of another return; dead letter',
} as const

export type ErrorCode = keyof typeof errors
