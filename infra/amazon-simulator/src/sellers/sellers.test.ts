import { request } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../start.ts'
import { Caller, scenarioFile } from '../testing/caller.ts'

const XML = 'GET_XML_RETURNS_DATA_BY_RETURN_DATE'
let amazon: Simulator
const play = async (name: string) => {
  amazon = await startSimulator({ scenario: scenarioFile(name), quotaFactor: 100 })
  return amazon.simulation.sellers.all.map((seller) => new Caller(amazon, seller)) as [Caller, Caller]
}
afterEach(() => amazon.stop())

test('a withdrawn authorisation ends access tokens and refresh token of that seller alone', async () => {
  const [gone, stays] = await play('revoked')
  await stays.logIn()
  expect((await gone.create()).status).toBe(202)
  expect((await gone.create()).status).toBe(403)
  expect((await gone.logIn()).body.error).toBe('invalid_grant')
  expect((await stays.create()).status).toBe(202)
})

test('a missing role: 403 without details for that report type, another type works', async () => {
  const [caller] = await play('role-missing')
  const refused = await caller.create()
  expect([refused.status, refused.body.errors[0]?.details]).toEqual([403, ''])
  expect((await caller.create({ reportType: XML })).status).toBe(202)
})

test('fifty sellers at once have own tokens, own reports and own rows, in three regions', async () => {
  const callers = await play('many-sellers')
  expect(callers).toHaveLength(50)
  await Promise.all(callers.map((caller) => caller.logIn()))
  const created = await Promise.all(callers.map((caller) => caller.create()))
  expect(new Set(created.map(({ body }) => body.reportId)).size).toBe(50)
  const foreign = await callers[1].get(created[0]?.body.reportId as string)
  expect(foreign.status).toBe(404)
  const orders = await Promise.all(
    callers.map(async ({ seller }) => {
      const answer = await fetch(`${amazon.url}/_control/orders?sellerId=${seller.sellerId}`)
      return ((await answer.json()) as { orderReference: string }[]).map((order) => order.orderReference)
    }),
  )
  expect(new Set(orders.flat()).size).toBe(orders.flat().length)
  const japan = callers.at(-1) as Caller
  expect((await japan.download()).contentType).toBe('text/plain; charset=Shift_JIS')
})

test("a token of one region is refused at another region's host", async () => {
  amazon = await startSimulator({ quotaFactor: 100 })
  const { token } = amazon.simulation.newAccessToken()
  const statusAt = (host: string) =>
    new Promise<number | undefined>((resolve) => {
      const url = `${amazon.url}/sellers/v1/marketplaceParticipations`
      request(url, { headers: { host, 'x-amz-access-token': token } }, (answer) =>
        resolve(answer.resume().statusCode),
      ).end()
    })
  expect(await statusAt('sellingpartnerapi-eu.amazon.com')).toBe(200)
  expect(await statusAt('sellingpartnerapi-na.amazon.com')).toBe(403)
})
