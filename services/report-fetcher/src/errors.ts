/** Codes of refusals and stops, a closed list. */
export const errors = {
  DOCUMENT_NOT_RETURNS: 'the document is no returns report; the message says what it looks like',
  DOCUMENT_UNREADABLE: 'the document is neither UTF-8 nor in the charset it names',
  DOCUMENT_MOSTLY_BAD: 'over 20 % of the rows cannot be read: nothing of it is published',
  COUNTS_DO_NOT_ADD_UP:
    'rows in the document are not the sum of what became of them: a bug, nothing is published',
  MARKETPLACE_NOT_MAPPED: 'the marketplace is not mapped to a channel',
  CONFIG_SERVICE_UNAVAILABLE: 'config-service does not answer; waited out',
} as const
