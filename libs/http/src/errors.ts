/** Codes of refusals that all REST services share, a closed list; each service adds its own. */
export const errors = {
  KEY_MISSING: 'the request has no API key',
  KEY_UNKNOWN: 'the API key is not known, or has ended',
  SCOPE_MISSING: 'the API key may not do this',
  REQUEST_INVALID: 'the request breaks the schema; every fault is told with its place',
  CURSOR_INVALID: 'the cursor is none that this API gave',
  NOT_FOUND: 'the thing or the path does not exist',
  BODY_TOO_LARGE: 'the body has more bytes than the route takes',
  MEDIA_TYPE_UNSUPPORTED: 'the route does not take this content type',
  CONFIG_SERVICE_UNAVAILABLE: 'config-service does not answer: keys cannot be verified now',
  FAILURE: 'a bug; it was logged, the answer says nothing of its inside',
} as const
