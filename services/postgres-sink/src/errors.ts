/** Codes of waits and stops, a closed list. */
export const errors = {
  POSTGRES_UNAVAILABLE: 'Postgres is down, restarting or out of room; waited out',
  FENCED: 'another owner has this partition; it is opened anew if it is still ours',
} as const
