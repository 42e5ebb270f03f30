import { createRequire } from 'node:module'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { stock } from '../../test/stock-kafkajs.ts'
import './idle-timer.ts'

const path = 'kafkajs/src/network/requestQueue'
type Queue = { prototype: { scheduleCheckPendingRequests(): void } }

const mended = createRequire(import.meta.url)(path) as Queue

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** How long a queue that is not throttled waits before it looks at what is pending; none when it does not look. */
function delayOf({ prototype }: Queue, pending: object[]): number | undefined {
  const timer = vi.spyOn(globalThis, 'setTimeout')
  const queue = { pending, throttledUntil: -1, throttleCheckTimeoutId: null, checkPendingRequests() {} }
  prototype.scheduleCheckPendingRequests.call(queue)
  const delay = timer.mock.calls[0]?.[1]
  timer.mockRestore()
  return delay
}

test('an idle connection arms no timer, a waiting one none with a negative delay; stock kafkajs does', () => {
  expect(delayOf(mended, [])).toBeUndefined()
  expect(delayOf(mended, [{}])).toBeGreaterThan(0)
  expect(delayOf(stock(path), [])).toBeLessThan(0)
})
