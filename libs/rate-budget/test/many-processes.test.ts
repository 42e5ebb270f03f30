import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { eventually } from '@backhaul/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Ground, startGround } from './budget.ts'

const PLAN = { rate: 20, burst: 10 }
let ground: Ground
const children: ChildProcess[] = []

beforeAll(async () => {
  ground = await startGround()
  await ground.instance({ createReport: PLAN })
  await ground.noteGrants()
})
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await ground.close()
})

async function asker(): Promise<ChildProcess> {
  const given = JSON.stringify({ url: ground.url, sellerId: 'A', ...PLAN })
  const child = spawn(process.execPath, [new URL('./asker.ts', import.meta.url).pathname, given], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  await once(child.stdout, 'data')
  return child
}

test('C7: four processes that ask as fast as they can never exceed the rate together, whoever of them is killed or frozen', async () => {
  const [first, second] = await Promise.all([asker(), asker(), asker(), asker()])
  const granted = (atLeast: number) =>
    eventually(async () => expect((await ground.grants()).length).toBeGreaterThanOrEqual(atLeast))
  await granted(30)
  first?.kill('SIGKILL')
  second?.kill('SIGSTOP')
  const before = (await ground.grants()).length
  await granted(before + 60)

  const grants = (await ground.grants()).map(({ at }) => at)
  for (let from = 0; from < grants.length; from++) {
    for (let to = from; to < grants.length; to++) {
      // Instants are cut to milliseconds.
      const seconds = ((grants[to] as number) - (grants[from] as number) + 1) / 1000
      expect(to - from + 1).toBeLessThanOrEqual(PLAN.burst + PLAN.rate * seconds)
    }
  }
})
