/** Codes of refusals, a closed list. */
export const errors = {
  REQUEST_INVALID: 'the request breaks the schema; every fault is told with its place',
  CHANNEL_UNKNOWN: 'a mapping names a channel that does not exist',
  CHANNEL_IN_USE: 'a channel is the target of a mapping',
  RETURN_REASON_UNKNOWN: 'a mapping names a return reason that does not exist',
  RETURN_REASON_IN_USE: 'a return reason is the target of a mapping',
  MARKETPLACE_UNKNOWN: "not one of Amazon's marketplaces",
  MARKETPLACE_OTHER_REGION: 'the marketplace is served by another region than the main marketplace',
  MAPPING_REPEATED: 'a marketplace or reason is mapped twice',
  VERSION_CHANGED: 'somebody saved another version meanwhile',
  NOT_AUTHORISED: 'the integration has no authorisation yet, or it has ended',
  NAME_TAKEN: 'the name or code exists already',
} as const
