import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RateBudget } from '../src/index.ts'
import { filled, type Limit, planned, taken } from '../src/limit.ts'
import { ACCEPTED, callOf, type Ground, REFUSED, startGround, turnOf } from './budget.ts'

/** A fast Amazon: what takes a minute there takes a fifth of a second here. */
const PLAN = { rate: 5, burst: 2 }
const CUT = { rate: 10, burst: 5 }
const SELLERS = 50
const INSTANCES = 3
const CALLS_EACH = 3

let ground: Ground
let instances: RateBudget[]

beforeAll(async () => {
  ground = await startGround()
  instances = await Promise.all(
    Array.from({ length: INSTANCES }, () => ground.instance({ createReport: PLAN })),
  )
})
afterAll(() => ground.close())

/** Counts as Amazon does: by seller, and once it was cut for all sellers together. */
class Amazon {
  readonly #sellers = new Map<string, Limit>()
  #application: Limit | null = null
  accepted = 0
  refused = 0

  cut(): void {
    this.#application = planned(CUT, Date.now())
  }

  call(sellerId: string): boolean {
    const now = Date.now()
    const seller = filled(this.#sellers.get(sellerId) ?? planned(PLAN, now), now)
    const application = this.#application && filled(this.#application, now)
    if (seller.tokens < 1 || (application && application.tokens < 1)) {
      this.refused += 1
      return false
    }
    this.#sellers.set(sellerId, taken(seller))
    if (application) this.#application = taken(application)
    this.accepted += 1
    return true
  }
}

test('C7: limits cut in mid-run for the whole application: no storm of 429s, no seller starves, interactive calls still answer', async () => {
  const amazon = new Amazon()
  const done = new Map<string, number>()
  const made = async (budget: RateBudget, call: ReturnType<typeof callOf>) => {
    for (;;) {
      await turnOf(budget, call)
      const taken = amazon.call(call.sellerId)
      await budget.answered(call, taken ? ACCEPTED : REFUSED)
      if (taken) return
    }
  }
  const seller = async (n: number) => {
    const sellerId = `seller-${n}`
    for (let calls = 1; calls <= CALLS_EACH; calls++) {
      await made(instances[n % INSTANCES] as RateBudget, callOf({ sellerId, ticket: sellerId }))
      done.set(sellerId, calls)
    }
  }
  const all = Promise.all(Array.from({ length: SELLERS }, (_, n) => seller(n)))
  await sleep(500)
  amazon.cut()
  await sleep(3_000)
  const began = performance.now()
  await made(
    instances[0] as RateBudget,
    callOf({ sellerId: 'tested', ticket: 'test', priority: 'interactive' }),
  )
  const interactiveMs = performance.now() - began
  const counts = Array.from({ length: SELLERS }, (_, n) => done.get(`seller-${n}`) ?? 0)
  await all

  const told = JSON.stringify({ accepted: amazon.accepted, refused: amazon.refused, interactiveMs, counts })
  expect(amazon.accepted).toBe(SELLERS * CALLS_EACH + 1)
  expect(amazon.refused, told).toBeLessThan(amazon.accepted / 5)
  expect(Math.max(...counts) - Math.min(...counts), told).toBeLessThanOrEqual(2)
  expect(interactiveMs, told).toBeLessThan(3_000)
})
