import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  accepted,
  filled,
  type Limit,
  learnedFrom,
  planned,
  taken,
  throttled,
  unlimited,
  waitOf,
} from './limit.ts'

const PLAN = { rate: 1 / 60, burst: 15 }
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

/** Calls that a limit lets go when it is asked at these instants. */
function grants(limit: Limit, instants: readonly number[]): number[] {
  const granted: number[] = []
  let current = limit
  for (const now of instants) {
    current = filled(current, now)
    if (waitOf(current, 0) > 0) continue
    current = taken(current)
    granted.push(now)
  }
  return granted
}

test('a rested limit lets a burst go, then one call in each period', () => {
  const asked = Array.from({ length: 20 * 60 }, (_, second) => second * 1000)
  const granted = grants(planned(PLAN, 0), asked)
  expect(granted.slice(0, 15)).toEqual(asked.slice(0, 15))
  expect(granted.length).toBe(15 + 19)
})

test('C7: whenever calls are asked for, no span of time holds more of them than burst and rate allow', () =>
  fc.assert(
    fc.property(
      fc.record({
        rate: fc.double({ min: 0.001, max: 50, noNaN: true }),
        burst: fc.integer({ min: 1, max: 30 }),
      }),
      fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 200 }),
      (plan, steps) => {
        let now = 0
        const granted = grants(
          planned(plan, 0),
          steps.map((step) => (now += step)),
        )
        for (let from = 0; from < granted.length; from++) {
          for (let to = from; to < granted.length; to++) {
            const seconds = ((granted[to] as number) - (granted[from] as number)) / 1000
            expect(to - from + 1).toBeLessThanOrEqual(plan.burst + plan.rate * seconds + 1e-6)
          }
        }
      },
    ),
  ))

test('a wait is told so that the call may go when it is over', () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 14 }),
      fc.integer({ min: 1, max: 10 * MINUTE_MS }),
      (left, elapsed) => {
        const limit = filled({ ...planned(PLAN, 0), tokens: left }, elapsed)
        const waitMs = waitOf(limit, 0)
        expect(waitOf(filled(limit, elapsed + Math.ceil(waitMs)), 0)).toBe(0)
      },
    ),
  ))

test('calls ahead and tokens that are left to others lengthen the wait', () => {
  const empty = { ...planned(PLAN, 0), tokens: 0 }
  expect(waitOf(empty, 0)).toBeCloseTo(MINUTE_MS)
  expect(waitOf(empty, 4)).toBeCloseTo(5 * MINUTE_MS)
  expect(waitOf(planned(PLAN, 0), 14)).toBe(0)
  expect(waitOf({ ...planned(PLAN, 0), tokens: 5 }, 0, 5)).toBeCloseTo(MINUTE_MS)
})

test('a clock that goes back adds no token, and costs no more than it went back', () => {
  const limit = { ...planned(PLAN, 10 * HOUR_MS), tokens: 0 }
  const back = filled(limit, 9 * HOUR_MS)
  expect(back.tokens).toBe(0)
  expect(filled(back, 9 * HOUR_MS + MINUTE_MS).tokens).toBeCloseTo(1)
})

describe('what answers teach', () => {
  const rate = (limit: Limit) => limit.rate as number

  test('a rate in the header holds at once, up and down', () => {
    const faster = accepted(planned(PLAN, 0), { rate: 5 }, 0)
    expect([faster.rate, learnedFrom(faster)]).toEqual([5, 'header'])
    const slower = accepted(faster, { rate: 1 / 900 }, 0)
    expect([slower.rate, learnedFrom(slower)]).toEqual([1 / 900, 'header'])
  })

  test('a 429 empties the bucket and halves the rate, once for all calls that were under way', () => {
    const once = throttled(planned(PLAN, 0), { rate: undefined }, 1, 0)
    expect(once).toMatchObject({ tokens: 0, rate: PLAN.rate / 2, burst: 7 })
    expect(learnedFrom(once)).toBe('throttled')
    expect(throttled(once, { rate: undefined }, 1, 1_000)).toMatchObject({ rate: PLAN.rate / 2, burst: 7 })
    expect(throttled(once, { rate: undefined }, 1, 3 * MINUTE_MS)).toMatchObject({
      rate: PLAN.rate / 4,
      burst: 3,
    })
  })

  test('a 429 with Retry-After or a rate is taken at its word', () => {
    const told = throttled(planned(PLAN, 0), { rate: 1 / 900, retryAfterMs: 20 * MINUTE_MS }, 1, 0)
    expect(told.rate).toBe(1 / 900)
    expect(waitOf(filled(told, 16 * MINUTE_MS), 0)).toBe(4 * MINUTE_MS)
    expect(waitOf(filled(told, 20 * MINUTE_MS), 0)).toBe(0)
  })

  test('a limit that was not known begins at the rate that was, one call at a time', () => {
    const found = throttled(unlimited(0), { rate: undefined }, PLAN.rate, 0)
    expect(found).toMatchObject({ rate: PLAN.rate, burst: 1, tokens: 0 })
  })

  test('C7: cut to one call in 15 minutes, six refusals find it', () => {
    let limit = planned(PLAN, 0)
    let refusals = 0
    let lastAt = Number.NEGATIVE_INFINITY
    for (let now = 0; now < 5 * HOUR_MS && refusals < 20; now += 1_000) {
      limit = filled(limit, now)
      if (waitOf(limit, 0) > 0) continue
      limit = taken(limit)
      if (now - lastAt >= 15 * MINUTE_MS) {
        lastAt = now
        limit = accepted(limit, { rate: undefined }, now)
      } else {
        refusals += 1
        limit = throttled(limit, { rate: undefined }, 1, now)
      }
    }
    expect(refusals).toBeLessThanOrEqual(6)
    expect(1 / rate(limit)).toBeGreaterThan(10 * 60)
  })

  test('a cut rate recovers step by step, and not beyond what was planned', () => {
    let limit = throttled(planned(PLAN, 0), { rate: undefined }, 1, 0)
    const seen: number[] = []
    for (let n = 0; n < 60; n++) {
      limit = accepted(limit, { rate: undefined }, n)
      seen.push(rate(limit))
    }
    expect(seen[3]).toBe(PLAN.rate / 2)
    expect(seen[4]).toBeCloseTo((PLAN.rate / 2) * 1.25)
    expect(limit).toMatchObject(PLAN)
    expect(learnedFrom(limit)).toBe('plan')
  })

  test('a cut is forgotten after six hours', () => {
    const cut = throttled(planned(PLAN, 0), { rate: undefined }, 1, 0)
    expect(filled(cut, 5 * HOUR_MS).rate).toBe(PLAN.rate / 2)
    expect(filled(cut, 7 * HOUR_MS)).toMatchObject({ rate: PLAN.rate, burst: 15 })
    const ofApplication = throttled(unlimited(0), { rate: undefined }, 1, 0)
    expect(filled(ofApplication, 7 * HOUR_MS).rate).toBeNull()
  })

  test('whatever answers come, a limit stays between once an hour and what was planned', () => {
    const answer = fc.record({
      throttled: fc.boolean(),
      rate: fc.option(fc.double({ min: 0.0003, max: 100, noNaN: true }), { nil: undefined }),
      retryAfterMs: fc.option(fc.integer({ min: 1, max: HOUR_MS }), { nil: undefined }),
      afterMs: fc.integer({ min: 0, max: HOUR_MS }),
    })
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 50 }), (answers) => {
        let now = 0
        let limit = planned(PLAN, 0)
        for (const { throttled: refused, afterMs, ...lesson } of answers) {
          now += afterMs
          limit = refused ? throttled(limit, lesson, 1, now) : accepted(limit, lesson, now)
          expect(rate(limit)).toBeGreaterThanOrEqual(Math.min(1 / 3600, limit.plannedRate as number))
          expect(rate(limit)).toBeLessThanOrEqual(limit.plannedRate as number)
          expect(limit.burst).toBeGreaterThanOrEqual(1)
          expect(limit.burst).toBeLessThanOrEqual(PLAN.burst)
          expect(limit.tokens).toBeLessThanOrEqual(limit.burst)
        }
      }),
    )
  })
})
