import { HttpFault } from '@backhaul/http'

/** Codes of this service's own refusals, a closed list. Those that all APIs share: libs/http. */
export const errors = {
  CHANNEL_UNKNOWN: 'a mapping names a channel that does not exist',
  CHANNEL_IN_USE: 'a channel is the target of a mapping',
  RETURN_REASON_UNKNOWN: 'a mapping names a return reason that does not exist',
  RETURN_REASON_IN_USE: 'a return reason is the target of a mapping',
  MARKETPLACE_UNKNOWN: "not one of Amazon's marketplaces",
  MARKETPLACE_OTHER_REGION: 'the marketplace is served by another region than the main marketplace',
  MAPPING_REPEATED: 'a marketplace or reason is mapped twice',
  REGION_FIXED: 'an authorisation holds in one region only: the main marketplace cannot move to another',
  SELLER_FIXED: 'an integration belongs to one seller: its history is not mixed with that of another',
  VERSION_CHANGED: 'somebody saved another version meanwhile',
  NOT_AUTHORISED: 'the integration has no authorisation yet, or it has ended',
  NAME_TAKEN: 'the name or code exists already',
  LIMIT_REACHED: 'the tenant has as many of them as there may be',
  KEY_REUSED: 'the Idempotency-Key was sent before, with another request',
  LWA_INVALID_CLIENT: "Amazon refuses our application's own credentials: LWA_CLIENT_ID, LWA_CLIENT_SECRET",
  LWA_FAILED: 'Login with Amazon does not answer; try again',
  POSTGRES_UNAVAILABLE: 'Postgres is down, restarting or out of room; try again',
  POSTGRES_CONFLICT: 'another transaction was in the way; try again',
} as const

export type ErrorCode = keyof typeof errors

/** A refusal of this service. */
export const refusal = (status: number, code: ErrorCode, message: string): HttpFault =>
  new HttpFault(status, code, message)
