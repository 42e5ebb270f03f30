import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { type Ground, startGround } from './fetcher.ts'

/** The fetcher that all tests of a file share, started before the first. Amazon is new for each test, and nothing may have failed. */
export let ground: Ground

beforeAll(async () => {
  ground = await startGround()
  await ground.start()
})
afterAll(() => ground.close())
beforeEach(() => {
  ground.amazon.reset()
  ground.amazon.worldReturns = false
})
afterEach(() => {
  ground.config.integrations = []
  ground.clock.aheadMs = 0
  expect(ground.failures).toEqual([])
})
