/** Codes of refusals, a closed list. */
export const errors = {
  REQUEST_INVALID: 'one or more orders break the schema; every fault is told with its position',
  CHANNEL_UNKNOWN: 'an order names a channel that does not exist',
  TOO_MANY_ORDERS: 'more orders than one call may hold',
  NDJSON_INVALID: 'a line is no JSON',
} as const
