import { expect, test } from 'vitest'
import { classify, rateOf, retryAfterMs, withoutSecrets } from './classify.ts'

const errors = (code: string, message = 'told', details?: string) =>
  JSON.stringify({ errors: [{ code, message, details }] })
const denied = (details?: string) =>
  errors('Unauthorized', 'Access to requested resource is denied.', details)

test.each([
  [429, errors('QuotaExceeded'), 'SP_API_THROTTLED', true],
  [429, '<html>Too many requests</html>', 'SP_API_THROTTLED', true],
  [401, denied(), 'SP_API_UNAUTHORIZED', false],
  [403, denied('The access token you provided has expired.'), 'SP_API_UNAUTHORIZED', false],
  [403, denied('Access token is missing in the request header.'), 'SP_API_UNAUTHORIZED', false],
  [403, denied(), 'SP_API_ROLE_MISSING', false],
  [403, denied(''), 'SP_API_ROLE_MISSING', false],
  [403, errors('MissingAuthenticationToken'), 'SP_API_INVALID_INPUT', false],
  [403, '<html>Forbidden by a proxy</html>', 'SP_API_AMAZON_FAILED', true],
  [404, errors('NotFound'), 'SP_API_NOT_FOUND', false],
  [400, errors('InvalidInput'), 'SP_API_INVALID_INPUT', false],
  [413, errors('RequestTooLarge'), 'SP_API_INVALID_INPUT', false],
  [415, errors('UnsupportedMediaType'), 'SP_API_INVALID_INPUT', false],
  [500, errors('InternalFailure'), 'SP_API_AMAZON_FAILED', true],
  [503, '<html>Service Unavailable</html>', 'SP_API_AMAZON_FAILED', true],
  [302, '', 'SP_API_AMAZON_FAILED', true],
  [400, 'null', 'SP_API_INVALID_INPUT', false],
  [400, '{"errors":[null]}', 'SP_API_INVALID_INPUT', false],
  [400, '{"errors":"all"}', 'SP_API_INVALID_INPUT', false],
] as const)('an answer %d %s is %s', (status, body, code, retryable) => {
  const error = classify('createReport', { status, body, headers: { 'x-amzn-requestid': 'request-1' } })
  expect([error.code, error.retryable]).toEqual([code, retryable])
  expect(error.details).toMatchObject({ operation: 'createReport', status, requestId: 'request-1' })
  expect(error.nextStep).not.toBe('')
})

test("what an answer says of the quota: the rate where it is named, the gateway's Retry-After in seconds or as a date", () => {
  expect(rateOf({ 'x-amzn-ratelimit-limit': '0.0167' })).toBe(0.0167)
  expect([
    rateOf({}),
    rateOf({ 'x-amzn-ratelimit-limit': 'fast' }),
    rateOf({ 'x-amzn-ratelimit-limit': '0' }),
  ]).toEqual([...[undefined, undefined, undefined]])
  expect(retryAfterMs({ 'retry-after': '90' })).toBe(90_000)
  expect(retryAfterMs({ 'retry-after': new Date(Date.now() + 60_000).toUTCString() })).toBeGreaterThan(50_000)
  expect([
    retryAfterMs({}),
    retryAfterMs({ 'retry-after': '-1' }),
    retryAfterMs({ 'retry-after': 'soon' }),
  ]).toEqual([...[undefined, undefined, undefined]])
})

test("another party's words lose their secrets, their lines and their length", () => {
  expect(withoutSecrets('token Atza|IwEBI_x-Y, refresh Atzr|Iw== and amzn1.oa2-cs.v1.abc')).toBe(
    'token …, refresh … and …',
  )
  expect(withoutSecrets('see https://tortuga.s3.amazonaws.com/x?X-Amz-Signature=abc&X=1 now')).toBe(
    'see https://tortuga.s3.amazonaws.com/x?… now',
  )
  expect(withoutSecrets('a\r\nb')).toBe('a b')
  expect(withoutSecrets('x'.repeat(5_000))).toHaveLength(300)
})
