import type { ProblemAt } from '@backhaul/http'
import { HttpFault, invalid } from '@backhaul/http'

/** Codes of this service's own refusals, a closed list. Those that all APIs share: libs/http. */
export const errors = {
  ORDERS_INVALID: 'one or more orders break the schema; every fault is told with its place',
  CHANNEL_UNKNOWN: 'an order names a channel that does not exist',
  TOO_MANY_ORDERS: 'more orders than one call may hold',
  CONFIG_SERVICE_UNAVAILABLE: 'config-service does not answer: channels cannot be checked; try again',
  KAFKA_UNAVAILABLE: 'the connection to Kafka is being opened again; try again',
  KAFKA_TRANSACTION_UNCERTAIN: 'orders may or may not have been published; sending them again is harmless',
  REGISTRY_UNAVAILABLE: 'the schema registry does not answer; waited out at the start',
  POSTGRES_UNAVAILABLE: 'Postgres is down, restarting or out of room; try again',
  POSTGRES_CONFLICT: "another call of this tenant takes long, or was in this one's way; try again",
} as const

export type ErrorCode = keyof typeof errors

/** Refuses a whole call when anything in it is wrong. */
export function refuseFaults(code: ErrorCode, faults: readonly ProblemAt[]): void {
  if (faults.length > 0) throw invalid(code, faults)
}

/** A refusal of this service. */
export const refusal = (status: number, code: ErrorCode, message: string): HttpFault =>
  new HttpFault(status, code, message)
