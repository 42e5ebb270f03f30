import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

const POLL_MS = 100

/** Waits until Postgres holds a return that is linked to its sales order, at most `timeoutMs`. */
export async function firstLinkedReturn(
  url: string,
  signal: AbortSignal,
  timeoutMs = 60_000,
): Promise<boolean> {
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  try {
    for (const deadline = Date.now() + timeoutMs; Date.now() < deadline && !signal.aborted; ) {
      const { rowCount } = await pool.query(
        "SELECT 1 FROM returns.return_orders WHERE link_status = 'LINKED' LIMIT 1",
      )
      if (rowCount) return true
      await sleep(POLL_MS, undefined, { signal }).catch(() => {})
    }
    return false
  } finally {
    await pool.end()
  }
}
