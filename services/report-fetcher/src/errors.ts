/** Codes of this service's own refusals and stops, a closed list. Those of Amazon: libs/sp-api. */
export const errors = {
  DOCUMENT_NOT_RETURNS: 'the document is no returns report; the message says what it looks like',
  DOCUMENT_OF_OTHER_SELLER:
    'the document names another seller than the one it is for, or its orders are known as those of another',
  DOCUMENT_UNREADABLE: 'the document is cut, damaged, or not in the charset it names',
  DOCUMENT_TOO_LARGE: 'the document has too many rows or bytes: split it',
  DOCUMENT_EMPTY: 'the uploaded file has a header and no rows',
  DOCUMENT_MISSING: 'the archive no longer holds the document whole',
  ARCHIVE_KEY_INVALID:
    'ARCHIVE_KEYS, or the credentials of an S3 archive, are missing or wrong: the process stops',
  ARCHIVE_KEY_UNKNOWN: 'a document was encrypted with a key that is not in ARCHIVE_KEYS: the process stops',
  MARKETPLACE_UNKNOWN: "not one of Amazon's marketplaces",
  MARKETPLACE_NOT_MAPPED: 'the marketplace is not mapped to a channel',
  INTEGRATION_NOT_AUTHORISED: 'no seller is known for the integration: rows would have no identity',
  NOT_MULTIPART: 'an import is not multipart/form-data',
  FIELD_MISSING: 'a form field is missing, or comes after the file',
  FIELD_INVALID: 'a form field cannot be read',
  BACKFILL_ENDED: 'the backfill is done or cancelled: nothing can be changed',
  KEY_REUSED: 'the Idempotency-Key was sent before with another request',
  RANGE_INVALID: 'days or instants that make no range that can be asked for',
  COUNTS_DO_NOT_ADD_UP:
    'rows in the document are not the sum of what became of them: a bug, the process stops',
  RUN_TAKEN_OVER: 'another worker moved the run on meanwhile: this one drops it',
  ACCESS_TOKEN_REFUSED: 'config-service has no access token to give: authorise the integration; waited for',
  CONFIG_SERVICE_REFUSED: "config-service refuses this service's own key: the process stops",
  CONFIG_SERVICE_UNAVAILABLE: 'config-service does not answer; waited out',
  ARCHIVE_UNAVAILABLE: 'the archive cannot be written or read now (disk full, no access); waited out',
  POSTGRES_UNAVAILABLE: 'Postgres is down, restarting or out of room; waited out',
  POSTGRES_CONFLICT: 'another transaction was in the way; tried again',
} as const

export type ErrorCode = keyof typeof errors
