/** Codes of this service's dead letters and stops, a closed list. */
export const errors = {
  SALES_ORDER_MISPLACED: 'a sales order stands in another partition than its reference wants',
  MESSAGE_TOO_LARGE: 'what follows from a record is larger than a broker takes; dead letter',
  UNENCODABLE: 'what follows from a record fits no schema, such as a count beyond all goods; dead letter',
  CONTRACT_BROKEN: 'a record contradicts its own key',
  CONFIG_VERSION_UNKNOWN: 'a row names a settings version that does not exist',
  CONFIG_SERVICE_UNAVAILABLE: 'config-service does not answer; waited out',
  OFFSETS_LOST: 'state exists, but the group has no committed offsets',
  CHANGELOG_AHEAD: 'state is ahead of the committed offsets',
  SNAPSHOT_MISFIT: 'a snapshot does not fit what Kafka has; the state is rebuilt',
  STATE_TOO_LARGE: 'a state needs more memory than STATE_LIMIT_MB; it stops',
} as const
