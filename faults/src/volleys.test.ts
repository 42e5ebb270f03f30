import { expect, test } from 'vitest'
import type { Fault } from './faults/fault.ts'
import { volleys } from './volleys.ts'

const fault = (name: string, breaks: Fault['breaks']): Fault => ({
  name,
  kind: 'kill',
  breaks,
  run: async () => {},
})
const names = (faults: Fault[]) => volleys(faults).map((volley) => volley.map(({ name }) => name).join('+'))

test('faults that break different things strike together, each once', () => {
  const [a, b, c] = [fault('a', 'one'), fault('b', 'one'), fault('c', 'one')]
  const [all, p, q] = [fault('all', 'all'), fault('p', 'inputs'), fault('q', 'inputs')]
  expect(names([a, all, b, p, c, q])).toEqual(['a+b+p', 'all+q', 'c'])
})
