import { Fault } from '@backhaul/domain'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { untilStarted, waitOut } from './wait-out.ts'

const log = { warn() {} }
const down = () => new Fault('DOWN', 'it is down', { retryable: true })

function told() {
  const reasons = new Map<string, string>()
  return {
    reasons,
    wait: (part: string, reason: string) => void reasons.set(part, reason),
    ok: (part: string) => void reasons.delete(part),
  }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a retryable fault is waited out, and said until it is over', async () => {
  const waits = told()
  const call = vi
    .fn<() => Promise<string>>()
    .mockRejectedValueOnce(down())
    .mockRejectedValueOnce(down())
    .mockResolvedValue('done')
  const result = waitOut('part', call, { waits, log, signal: new AbortController().signal })
  await vi.advanceTimersByTimeAsync(0)
  expect(waits.reasons.get('part')).toBe('it is down')
  await vi.advanceTimersByTimeAsync(600)
  expect(await result).toBe('done')
  expect(waits.reasons.size).toBe(0)
})

test('any other error is thrown at once', async () => {
  const call = vi.fn(() => Promise.reject(new Fault('BAD', 'bad data')))
  await expect(
    waitOut('part', call, { waits: told(), log, signal: new AbortController().signal }),
  ).rejects.toThrow('bad data')
  expect(call).toHaveBeenCalledOnce()
})

test('a wait ends when the signal is aborted', async () => {
  const stop = new AbortController()
  const result = waitOut('part', () => Promise.reject(down()), { waits: told(), log, signal: stop.signal })
  await vi.advanceTimersByTimeAsync(0)
  stop.abort()
  expect(await result).toBeUndefined()
  expect(vi.getTimerCount()).toBe(0)
})

test('the backoff grows, and starts anew after the call went well for a while', async () => {
  const times: number[] = []
  const stop = new AbortController()
  const began = Date.now()
  const call = async () => {
    times.push(Date.now() - began)
    if (times.length === 4) await new Promise((resolve) => setTimeout(resolve, 120_000))
    if (times.length === 6) stop.abort()
    throw down()
  }
  const result = waitOut('part', call, { waits: told(), log, signal: stop.signal })
  await vi.runAllTimersAsync()
  await result
  expect(times).toEqual([0, 200, 600, 1_400, 1_400 + 120_000 + 200, 1_400 + 120_000 + 600])
})

test('a start that is given up while it waits ends with the reason, whatever its call does', async () => {
  const stop = new AbortController()
  const never = () => new Promise<string>(() => {})
  const start = untilStarted('part', never, { waits: told(), log, signal: stop.signal })
  stop.abort(new Error('asked to stop'))
  await expect(start).rejects.toThrow('asked to stop')
})
