import { expect, test } from 'vitest'
import { AccessTokens } from './access-tokens.ts'
import { SpApiError } from './errors.ts'

const HOUR_MS = 3_600_000

function issuing() {
  const clock = { now: 0 }
  const issued: string[] = []
  const refusals: boolean[] = []
  const tokens = new AccessTokens(
    async (owner, refused) => {
      const accessToken = `${owner}-${issued.length + 1}`
      issued.push(accessToken)
      refusals.push(refused)
      await Promise.resolve()
      return { accessToken, expiresAt: clock.now + HOUR_MS }
    },
    () => clock.now,
  )
  return { tokens, issued, refusals, clock }
}

test('all callers of a process share one token, and one renewal', async () => {
  const { tokens, issued, clock } = issuing()
  const asked = () => Promise.all(Array.from({ length: 50 }, () => tokens.of('A').get()))
  expect(new Set(await asked())).toEqual(new Set(['A-1']))
  clock.now = HOUR_MS - 4 * 60_000 // it would end on its way
  expect(new Set(await asked())).toEqual(new Set(['A-2']))
  expect(issued).toEqual(['A-1', 'A-2'])
})

test('each seller has tokens of its own', async () => {
  const { tokens } = issuing()
  expect(await tokens.of('A').get()).toBe('A-1')
  expect(await tokens.of('B').get()).toBe('B-2')
})

test('a refused token is renewed once, however many callers were refused', async () => {
  const { tokens, issued, refusals } = issuing()
  const refused = await tokens.of('A').get()
  const renewed = await Promise.all(Array.from({ length: 20 }, () => tokens.of('A').renew(refused)))
  expect(new Set(renewed)).toEqual(new Set(['A-2']))
  expect(await tokens.of('A').renew(refused)).toBe('A-2')
  expect(issued).toHaveLength(2)
  expect(refusals).toEqual([false, true])
})

test('C21: a renewal that failed is not kept, and no other seller sees it', async () => {
  let revoked = true
  const tokens = new AccessTokens(async (owner) => {
    if (owner === 'A' && revoked) throw new SpApiError('LWA_INVALID_GRANT', 'revoked')
    return { accessToken: owner, expiresAt: Date.now() + HOUR_MS }
  })
  await expect(tokens.of('A').get()).rejects.toMatchObject({ code: 'LWA_INVALID_GRANT', retryable: false })
  expect(await tokens.of('B').get()).toBe('B')
  revoked = false
  expect(await tokens.of('A').get()).toBe('A')
})
