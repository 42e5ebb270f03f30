import { Fault } from '@backhaul/domain'
import { describe, expect, test } from 'vitest'
import type { ReportRun } from '../report-run.ts'
import { afterFailure } from './after-failure.ts'

const run = { id: 'r', state: 'READY', failures: 0, position: 0 } as ReportRun
const after = (code: string, retryable: boolean, of = run) =>
  afterFailure(of, new Fault(code, 'what went wrong', { retryable }), 1_000_000)

describe('what becomes of a run whose step failed', () => {
  test.each([
    ['KAFKA_TRANSACTION_UNCERTAIN', 'kafka'],
    ['KAFKA_UNAVAILABLE', 'kafka'],
    ['REGISTRY_UNAVAILABLE', 'schema registry'],
    ['CONFIG_SERVICE_UNAVAILABLE', 'config-service'],
    ['ARCHIVE_UNAVAILABLE', 'archive'],
    ['SP_API_THROTTLED', null],
    ['SP_API_NETWORK', null],
    ['LWA_FAILED', null],
  ])('%s is waited out, and tells which dependency holds it up: %s', (code, waitingFor) => {
    expect(after(code, true)).toMatchObject({
      waitingFor,
      error: 'what went wrong',
      failures: 1,
    })
  })

  test('waits double from 5 s to a minute', () => {
    const waits = [0, 1, 2, 3, 4, 50].map((failures) => after('X', true, { ...run, failures }))
    expect(waits).toMatchObject(
      [5_000, 10_000, 20_000, 40_000, 60_000, 60_000].map((ms) => ({ notBefore: 1_000_000 + ms })),
    )
  })

  test.each(['ACCESS_TOKEN_REFUSED', 'SP_API_UNAUTHORIZED'])(
    '%s waits for a person, a minute at a time',
    (code) => {
      expect(after(code, false)).toMatchObject({ notBefore: 1_060_000, waitingFor: null })
    },
  )

  test.each([
    ['DOCUMENT_NOT_RETURNS', 'QUARANTINED'],
    ['DOCUMENT_UNREADABLE', 'QUARANTINED'],
    ['DOCUMENT_TOO_LARGE', 'QUARANTINED'],
    ['DOCUMENT_MISSING', 'QUARANTINED'],
    ['DOCUMENT_ADDRESS_REFUSED', 'QUARANTINED'],
    ['SP_API_INVALID_INPUT', 'FATAL'],
    ['SP_API_NOT_FOUND', 'FATAL'],
  ])('%s ends the run as %s, with the reason', (code, state) => {
    expect(after(code, false)).toMatchObject({ ending: { state, error: 'what went wrong' } })
  })

  test('a document of which a part is published is no longer quarantined: its archive is waited for', () => {
    const begun = { ...run, position: 1 }
    expect(after('DOCUMENT_MISSING', false, begun)).toMatchObject({ waitingFor: 'archive' })
  })

  test.each(['OFFSET_OUT_OF_RANGE', 'COUNTS_DO_NOT_ADD_UP', 'CONFIG_SERVICE_REFUSED', 'ANY_OTHER'])(
    '%s stops the process',
    (code) => {
      expect(() => after(code, false)).toThrow('what went wrong')
    },
  )
})
