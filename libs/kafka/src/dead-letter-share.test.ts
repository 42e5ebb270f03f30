import { describe, expect, test } from 'vitest'
import { DeadLetterShare } from './dead-letter-share.ts'

const at = { topic: 'sales-orders.v1', partition: 1 }

/** A batch of which some records are refused. */
function read(share: DeadLetterShare, records: number, bad: number, code = 'UNDECODABLE_FRAME'): void {
  for (let n = 0; n < bad; n++) share.reject(at, code, 'reconcile')
  share.settle(at, records)
}

describe('the share of dead letters', () => {
  test('stops above one percent, with figures, the commonest cause and what to do', () => {
    const share = new DeadLetterShare()
    read(share, 1_000, 10)
    share.reject(at, 'CONTRACT_BROKEN', 'reconcile')
    expect(() => read(share, 50, 1)).toThrow(
      expect.objectContaining({
        code: 'DEAD_LETTER_SHARE',
        retryable: false,
        message: expect.stringMatching(
          /^12 of the last 1050 records .* 1.14 %, where 1 % is the limit. 11 of them: UNDECODABLE_FRAME in step reconcile.*raise DEAD_LETTER_SHARE_LIMIT/,
        ),
        details: expect.objectContaining({ records: 1_050, rejected: 12, limit: 0.01 }),
      }),
    )
  })

  test('says nothing of fewer than a thousand records', () => {
    const share = new DeadLetterShare()
    read(share, 999, 999)
    expect(() => read(share, 1, 0)).not.toThrow()
    expect(() => read(share, 1, 1)).toThrow()
  })

  test('is of the last ten thousand records: what was bad long ago is forgotten', () => {
    const share = new DeadLetterShare(0.05)
    read(share, 900, 900)
    for (let n = 0; n < 10; n++) read(share, 1_000, 0)
    expect(() => read(share, 1_000, 500)).not.toThrow()
    expect(() => read(share, 1_000, 1)).toThrow('501 of the last 10000')
  })

  test('counts a batch that is tried again once', () => {
    const share = new DeadLetterShare()
    for (let attempt = 0; attempt < 3; attempt++) {
      share.forget(at)
      for (let n = 0; n < 9; n++) share.reject(at, 'UNDECODABLE_BODY', 'reconcile')
    }
    expect(() => share.settle(at, 1_000)).not.toThrow()
  })

  test('counts partitions that are read at the same time each for itself', () => {
    const share = new DeadLetterShare()
    const other = { ...at, partition: 2 }
    share.reject(at, 'UNDECODABLE_BODY', 'reconcile')
    share.settle(other, 5_000)
    share.forget(other)
    for (let n = 0; n < 60; n++) share.reject(at, 'UNDECODABLE_BODY', 'reconcile')
    expect(() => share.settle(at, 1_000)).toThrow('61 of the last 6000')
  })

  test('a limit of 1 never stops', () => {
    expect(() => read(new DeadLetterShare(1), 5_000, 5_000)).not.toThrow()
  })
})
