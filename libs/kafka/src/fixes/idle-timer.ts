/**
 * kafkajs arms a timer with a negative delay whenever a connection is idle and not throttled: Node warns
 * (`TimeoutNegativeWarning`) and wakes up each millisecond. Upstream: tulios/kafkajs issue 1751 (open).
 */
import { createRequire } from 'node:module'

interface RequestQueue {
  pending: unknown[]
  throttledUntil: number
  throttleCheckTimeoutId: NodeJS.Timeout | null
  checkPendingRequests(): void
}

/** How soon a queue that is full, not throttled, is looked at again. As in kafkajs. */
const CHECK_PENDING_MS = 10

const require = createRequire(import.meta.url)
const { prototype } = require('kafkajs/src/network/requestQueue') as { prototype: object }

Object.assign(prototype, {
  scheduleCheckPendingRequests(this: RequestQueue) {
    if (this.throttleCheckTimeoutId || this.pending.length === 0) return
    const throttledMs = this.throttledUntil - Date.now()
    this.throttleCheckTimeoutId = setTimeout(
      () => {
        this.throttleCheckTimeoutId = null
        this.checkPendingRequests()
      },
      throttledMs > 0 ? throttledMs : CHECK_PENDING_MS,
    )
  },
})
