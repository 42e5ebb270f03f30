import { expect, test } from 'vitest'
import { Turns } from './turns.ts'

test('one at a time, lessons first, and one that fails holds up nobody', async () => {
  const turns = new Turns()
  const order: string[] = []
  let running = 0
  const work = (name: string) => async () => {
    expect(++running).toBe(1)
    await Promise.resolve()
    running -= 1
    order.push(name)
    if (name === 'second') throw new Error(name)
  }
  const all = [
    turns.run('question', work('first')),
    turns.run('question', work('third')),
    turns.run('lesson', work('second')),
  ]
  const outcomes = await Promise.allSettled(all)
  expect(order).toEqual(['first', 'second', 'third'])
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
})
