/** Codes of this library's faults, a closed list. */
export const errors = {
  STATE_TOO_LARGE: 'the state needs more memory than its limit; stop, the limit must be raised',
  RECORD_TOO_LARGE: 'a key or value is longer than the table takes; nothing was stored',
  KEY_MALFORMED: 'a key is no well-formed text (half a surrogate pair); nothing was stored',
  SNAPSHOT_UNWRITABLE:
    'the disk refused a snapshot (full, read-only …); the older ones stand, try again later',
  SNAPSHOT_UNREADABLE: 'the disk refused to give a snapshot',
  SNAPSHOT_CORRUPT: 'a snapshot is cut short, damaged or not one at all',
  SNAPSHOT_OF_OTHER_VERSION: 'a snapshot has a layout or state version that this program does not read',
  SNAPSHOT_FOREIGN: 'a snapshot belongs to another topic, partition or place in the series',
  SNAPSHOT_TOO_OLD: 'a snapshot is from before the time from which the changelog still tells every delete',
} as const

export type ErrorCode = keyof typeof errors
