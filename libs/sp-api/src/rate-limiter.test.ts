import { demoSeller, startSimulator } from '@backhaul/amazon-simulator'
import { expect, test } from 'vitest'
import { RateLimiter, refreshAccessToken, SpApi } from './index.ts'

const SELLER = demoSeller.sellerId
const BURST = 15

test('a burst is free, then calls wait for the published rate', () => {
  const limiter = new RateLimiter(() => 0)
  const waits = Array.from({ length: BURST + 1 }, () => limiter.take(SELLER, 'createReport'))
  expect(waits.slice(0, BURST)).toEqual(Array(BURST).fill(0))
  expect(waits.at(-1)).toBeGreaterThan(59_000)
})

test("the rate that Amazon's answer names takes the place of the published one, for that seller alone", async () => {
  const amazon = await startSimulator({ quotaFactor: 1_000 })
  const limiter = new RateLimiter(() => 0)
  const accessToken = async () =>
    (await refreshAccessToken({ ...demoSeller, amazonUrl: amazon.url })).accessToken
  const api = new SpApi({
    region: 'eu',
    amazonUrl: amazon.url,
    accessToken,
    onRate: (operation, rate) => limiter.learned(SELLER, operation, rate),
  })
  await api.createReport({
    reportType: 'GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE',
    marketplaceIds: [demoSeller.marketplaces[0]],
    dataStartTime: new Date(0).toISOString(),
    dataEndTime: new Date(0).toISOString(),
  })
  await amazon.stop()
  const waitOf = (seller: string) => {
    for (let n = 0; n < BURST; n++) limiter.take(seller, 'createReport')
    return limiter.take(seller, 'createReport')
  }
  expect(waitOf(SELLER)).toBeLessThan(100)
  expect(waitOf('another')).toBeGreaterThan(59_000)
})
