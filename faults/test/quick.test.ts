import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freshName, stack } from '@backhaul/testing'
import { expect, test } from 'vitest'
import { quickPlan, reconcilerMain, runRound, startServers } from '../src/index.ts'

test('I1 to I7: two reconcilers under load end as the oracle, whatever breaks', {
  timeout: 400_000,
}, async () => {
  const folder = join(tmpdir(), `backhaul-${freshName()}`)
  const servers = await startServers(folder, stack().registry)
  const plan = quickPlan(1)
  try {
    const round = await runRound({ ...plan, servers, main: reconcilerMain() })
    expect(round.violations).toEqual([])
    expect(round.injected).toHaveLength(plan.faults.length)
    expect(round.findings.numbers.inputs).toBeGreaterThan(1_000)
  } finally {
    await servers.stop()
    await rm(folder, { recursive: true, force: true })
  }
})
