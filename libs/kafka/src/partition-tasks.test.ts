import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { PartitionTasks } from './partition-tasks.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a partition that comes back is worked on again only when its earlier work has ended', async () => {
  const events: string[] = []
  const ends: (() => void)[] = []
  const tasks = new PartitionTasks(
    (key, signal) => {
      events.push(`start ${key}`)
      signal.addEventListener('abort', () => events.push(`asked to end ${key}`))
      const work = Promise.withResolvers<void>()
      ends.push(work.resolve)
      return work.promise.then(() => void events.push(`end ${key}`))
    },
    () => {},
  )
  tasks.assign(['0', '1'])
  await vi.advanceTimersByTimeAsync(0)
  tasks.assign(['1'])
  tasks.assign(['0', '1'])
  await vi.advanceTimersByTimeAsync(0)
  expect(events).toEqual(['start 0', 'start 1', 'asked to end 0'])
  ends[0]?.()
  await vi.advanceTimersByTimeAsync(0)
  expect(events.slice(3)).toEqual(['end 0', 'start 0'])
})

test('a bug in the work of a partition is told', async () => {
  const fail = vi.fn()
  const tasks = new PartitionTasks(() => Promise.reject(new Error('a bug')), fail)
  tasks.assign(['0'])
  await vi.advanceTimersByTimeAsync(0)
  expect(fail).toHaveBeenCalledWith(expect.objectContaining({ message: 'a bug' }))
})
