import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AwkwardServer, awkwardServer, outcomeOf } from '../test/awkward-server.ts'
import {
  type BudgetedCall,
  type CallBudget,
  type QuotaAnswer,
  SpApi,
  type SpApiOptions,
  type Turn,
} from './index.ts'

const REQUEST = {
  reportType: 'GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE',
  marketplaceIds: ['A1PA6795UKMFR9'],
  dataStartTime: '2026-08-01T00:00:00Z',
  dataEndTime: '2026-09-29T00:00:00Z',
}
const CREATED = { status: 202, body: { reportId: 'ID323' } }
const DENIED = {
  status: 403,
  body: { errors: [{ code: 'Unauthorized', message: 'Access to requested resource is denied.' }] },
}
const THROTTLED = {
  status: 429,
  body: { errors: [{ code: 'QuotaExceeded', message: 'You exceeded your quota.' }] },
}

let amazon: AwkwardServer
beforeAll(async () => {
  amazon = await awkwardServer()
})
afterAll(() => amazon.stop())

/** Tokens are numbered; `renewed` counts those that were asked for because of a refusal. */
function tokens() {
  const given = { renewed: 0 }
  const get = async () => `Atza|token-${given.renewed}`
  const renew = async () => `Atza|token-${++given.renewed}`
  return Object.assign(given, { get, renew })
}
const apiWith = (given: Partial<SpApiOptions> = {}) =>
  new SpApi({ region: 'eu', accessToken: tokens(), amazonUrl: amazon.url, deadlineMs: 5_000, ...given })

describe('a call', () => {
  test('goes to the region with token and user agent, and its request is left as it was', async () => {
    amazon.answersInTurn(CREATED)
    const request = structuredClone(REQUEST)
    const api = apiWith()
    expect(await api.createReport(request)).toBe('ID323')
    expect(await api.createReport(request)).toBe('ID323')
    expect(request).toEqual(REQUEST)
    expect(amazon.received[1]).toMatchObject({
      path: '/reports/2021-06-30/reports',
      headers: {
        host: 'sellingpartnerapi-eu.amazon.com',
        'x-amz-access-token': 'Atza|token-0',
        'user-agent': expect.stringContaining('Backhaul'),
      },
    })
  })

  test('keeps letters whole that lie on the border of two chunks', async () => {
    const body = Buffer.from(JSON.stringify({ ...report('Bücher'), reportId: 'Bücher' }))
    const border = body.indexOf('ü') + 1
    amazon.answers((_, response) => {
      response.write(body.subarray(0, border))
      setTimeout(() => response.end(body.subarray(border)), 20)
    })
    expect((await apiWith().getReport('x')).reportId).toBe('Bücher')
  })

  test('reads all pages, the token alone in the query', async () => {
    amazon.answersInTurn(
      { body: { reports: [report('1')], nextToken: 'next' } },
      { body: { reports: [report('2')] } },
    )
    const query = { reportTypes: ['A', 'B'], marketplaceIds: ['M'], createdSince: '2026-08-01T00:00:00Z' }
    expect((await apiWith().getReports(query)).map((r) => r.reportId)).toEqual(['1', '2'])
    expect(amazon.received.map(({ path }) => path.split('?')[1])).toEqual([
      'createdSince=2026-08-01T00%3A00%3A00Z&marketplaceIds=M&pageSize=100&reportTypes=A%2CB',
      'nextToken=next',
    ])
  })

  test('an endless list ends', async () => {
    amazon.answersInTurn({ body: { reports: [], nextToken: 'again' } })
    const query = { reportTypes: ['A'], marketplaceIds: ['M'], createdSince: '2026-08-01T00:00:00Z' }
    expect(await outcomeOf(apiWith().getReports(query))).toBe('SP_API_AMAZON_FAILED')
  })
})

describe("an answer that is not what its model says is Amazon's failure", () => {
  test.each([
    ['nothing', ''],
    ['HTML', '<html>Hello</html>'],
    ['another object', { id: 7 }],
    ['null', 'null'],
    ['an empty id', { reportId: '' }],
  ])('%s', async (_, body) => {
    amazon.answersInTurn({ status: 200, body })
    await expect(apiWith().createReport(REQUEST)).rejects.toMatchObject({
      code: 'SP_API_AMAZON_FAILED',
      retryable: true,
      details: { operation: 'createReport', requestId: 'request-1' },
    })
  })
})

describe('a connection that breaks', () => {
  test('before the answer, or inside of it, ends the call at once', async () => {
    amazon.answers((request) => request.socket.destroy())
    expect(await outcomeOf(apiWith().getReport('x'))).toBe('SP_API_NETWORK')
    amazon.answers((request, response) => {
      response.writeHead(200, { 'content-length': 1000 })
      response.write('{"reportId":')
      setTimeout(() => request.socket.destroy(), 20)
    })
    const began = performance.now()
    expect(await outcomeOf(apiWith().getReport('x'))).toBe('SP_API_NETWORK')
    expect(performance.now() - began).toBeLessThan(3_000)
  })

  test('nobody there', async () => {
    expect(await outcomeOf(apiWith({ amazonUrl: 'http://127.0.0.1:1' }).getReport('x'))).toBe(
      'SP_API_NETWORK',
    )
  })

  test('an answer that never comes, or never ends, is cut at the deadline, on the wire too', async () => {
    for (const begun of [false, true]) {
      const closed = Promise.withResolvers<void>()
      amazon.answers((request, response) => {
        request.socket.once('close', () => closed.resolve())
        if (begun) response.write('{')
      })
      expect(await outcomeOf(apiWith({ deadlineMs: 200 }).getReport('x'))).toBe('SP_API_DEADLINE')
      await closed.promise
    }
  })

  test('the deadline holds for the token as well', async () => {
    const accessToken = { get: () => new Promise<string>(() => {}), renew: async () => '' }
    expect(await outcomeOf(apiWith({ accessToken, deadlineMs: 100 }).getReport('x'))).toBe('SP_API_DEADLINE')
  })

  test('a call is aborted by its signal, on the wire too', async () => {
    const stop = new AbortController()
    const closed = Promise.withResolvers<void>()
    amazon.answers((request) => {
      request.socket.once('close', () => closed.resolve())
      stop.abort(new Error('stopping'))
    })
    await expect(apiWith({ signal: stop.signal }).getReport('x')).rejects.toThrow('stopping')
    await closed.promise
    expect(await outcomeOf(apiWith({ signal: stop.signal }).getReport('x'))).toBe('Error')
  })
})

describe('a refused token', () => {
  test('is renewed and the call made once more', async () => {
    const accessToken = tokens()
    amazon.answersInTurn(
      {
        ...DENIED,
        body: { errors: [{ code: 'Unauthorized', details: 'The access token you provided has expired.' }] },
      },
      CREATED,
    )
    expect(await apiWith({ accessToken }).createReport(REQUEST)).toBe('ID323')
    expect(accessToken.renewed).toBe(1)
    expect(amazon.received.map(({ headers }) => headers['x-amz-access-token'])).toEqual([
      ...['Atza|token-0', 'Atza|token-1'],
    ])
  })

  test('a fresh token that is refused too is a missing role, and nothing loops', async () => {
    amazon.answersInTurn(DENIED)
    expect(await outcomeOf(apiWith().createReport(REQUEST))).toBe('SP_API_ROLE_MISSING')
    expect(amazon.received).toHaveLength(2)
  })

  test('a revoked authorisation is told by the renewal', async () => {
    const revoked = Object.assign(new Error('revoked'), { code: 'LWA_INVALID_GRANT' })
    const accessToken = { get: async () => 'old', renew: () => Promise.reject(revoked) }
    amazon.answersInTurn(DENIED)
    expect(await outcomeOf(apiWith({ accessToken }).createReport(REQUEST))).toBe('LWA_INVALID_GRANT')
  })
})

describe('the budget', () => {
  /** Answers asks in turn, then grants. */
  function budget(...turns: Turn[]) {
    const asked: BudgetedCall[] = []
    const answers: QuotaAnswer[] = []
    const given: BudgetedCall[] = []
    const it: CallBudget = {
      ask: async (call) => {
        asked.push(call)
        return turns.shift() ?? { granted: true }
      },
      answered: async (_, answer) => void answers.push(answer),
      giveUp: async (call) => void given.push(call),
    }
    return { it, asked, answers, given }
  }
  const later: Turn = { granted: false, waitMs: 60_000, askAgainMs: 30_000 }
  const use = (it: CallBudget, patienceMs = 0) => ({
    budget: { budget: it, sellerId: 'A', priority: 'live' as const, ticket: 'run-1', patienceMs },
  })

  test('is asked before each call, with the type of report, and learns from each answer', async () => {
    amazon.answersInTurn(
      { ...CREATED, headers: { 'x-amzn-RateLimit-Limit': '0.0167' } },
      { ...THROTTLED, headers: { 'retry-after': '7' } },
    )
    const { it, asked, answers } = budget()
    const api = apiWith(use(it))
    await api.createReport(REQUEST)
    await expect(api.getReport('x')).rejects.toMatchObject({
      code: 'SP_API_THROTTLED',
      details: { retryAfterMs: 7_000 },
    })
    expect(asked).toEqual([
      {
        sellerId: 'A',
        operation: 'createReport',
        reportType: REQUEST.reportType,
        priority: 'live',
        ticket: 'run-1',
      },
      { sellerId: 'A', operation: 'getReport', reportType: null, priority: 'live', ticket: 'run-1' },
    ])
    expect(answers).toEqual([
      { throttled: false, rate: 0.0167, retryAfterMs: undefined },
      { throttled: true, rate: undefined, retryAfterMs: 7_000 },
    ])
  })

  test('that is spent keeps the place and tells when to come again; Amazon is not asked', async () => {
    amazon.answersInTurn(CREATED)
    const { it, given } = budget(later)
    await expect(apiWith(use(it)).createReport(REQUEST)).rejects.toMatchObject({
      code: 'SP_API_BUDGET_SPENT',
      retryable: true,
      details: { retryAfterMs: 30_000, waitMs: 60_000 },
    })
    expect([amazon.received.length, given.length]).toEqual([0, 0])
  })

  test('is waited for in place where there is patience', async () => {
    amazon.answersInTurn(CREATED)
    const soon: Turn = { granted: false, waitMs: 20, askAgainMs: 10 }
    const { it, asked } = budget(soon, soon)
    expect(await apiWith(use(it, 1_000)).createReport(REQUEST)).toBe('ID323')
    expect(asked).toHaveLength(3)
  })

  test('a wait that is aborted gives the place up', async () => {
    const stop = new AbortController()
    const { it, given } = budget(later)
    const call = apiWith({ ...use(it, 100_000), signal: stop.signal }).createReport(REQUEST)
    setTimeout(() => stop.abort(new Error('stopping')), 20)
    await expect(call).rejects.toThrow('stopping')
    expect(given).toHaveLength(1)
  })

  test('a call that was reserved is taken once', async () => {
    amazon.answersInTurn(CREATED)
    const { it, asked } = budget()
    const api = apiWith(use(it))
    await api.reserve('createReport', REQUEST.reportType)
    await api.createReport(REQUEST)
    expect(asked).toHaveLength(1)
    await api.createReport(REQUEST)
    expect(asked).toHaveLength(2)
  })
})

test('secrets are in no error, however Amazon repeats them', async () => {
  const canary = 'Atza|canary-of-an-access-token'
  const accessToken = { get: async () => canary, renew: async () => canary }
  const api = apiWith({ accessToken, deadlineMs: 300 })
  const echo = { errors: [{ code: `Bad ${canary}`, message: `${canary} is bad`, details: canary }] }
  const errors: unknown[] = []
  const failed = async () => errors.push(await api.createReport(REQUEST).catch((error) => error))
  for (const status of [400, 401, 403, 404, 429, 500]) {
    amazon.answersInTurn({ status, body: echo })
    await failed()
  }
  amazon.answersInTurn({ status: 200, body: { reportId: { [canary]: canary } } })
  await failed()
  amazon.answers((request) => request.socket.destroy())
  await failed()
  amazon.answers(() => {})
  await failed()
  expect(errors).toHaveLength(9)
  const told = errors
    .map((error) => inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error))
    .join('\n')
  expect(told).toContain('SP_API_DEADLINE')
  expect(told).not.toContain('canary')
})

function report(reportId: string) {
  return {
    reportId,
    reportType: REQUEST.reportType,
    processingStatus: 'DONE',
    createdTime: '2026-08-13T17:26:00+00:00',
    reportDocumentId: 'amzn1.spdoc.1',
  }
}
