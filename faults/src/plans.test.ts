import { expect, test } from 'vitest'
import { catalogue } from './faults/catalogue.ts'
import { eachPlans, longPlans } from './plans.ts'

const told = (plans: ReturnType<typeof longPlans>) =>
  plans.map(({ faults, ...plan }) => ({ ...plan, faults: faults.map(({ name }) => name) }))

test('a long run has as many faults as were asked for, the same for the same seed', () => {
  const plans = told(longPlans(3, 510))
  expect(plans.flatMap(({ faults }) => faults)).toHaveLength(510)
  expect(told(longPlans(3, 510))).toEqual(plans)
  expect(told(longPlans(4, 510))).not.toEqual(plans)
})

test('a long run strikes with every fault of the catalogue, on one broker and on three, with both kinds of seats', () => {
  const plans = longPlans(1, 500)
  const struck = new Set(plans.flatMap(({ faults }) => faults.map(({ name }) => name)))
  expect(catalogue.map(({ name }) => name).filter((name) => !struck.has(name))).toEqual([])
  expect(new Set(plans.map(({ brokers }) => brokers))).toEqual(new Set([1, 3]))
  expect(new Set(plans.map(({ seats }) => seats))).toEqual(new Set(['static', 'dynamic']))
})

test('faults of three brokers strike on three brokers only', () => {
  for (const { faults, brokers } of [...longPlans(1, 500), ...eachPlans(1, '')]) {
    if (brokers === 1) expect(faults.filter((fault) => fault.brokers === 3)).toEqual([])
  }
})
