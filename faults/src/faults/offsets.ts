import { until } from '@backhaul/local'
import type { Stage } from '../stage/stage.ts'
import type { Fault } from './fault.ts'

const INPUTS = ['amazon-return-rows.v1', 'sales-orders.v1'] as const

/**
 * The group's offsets are lost while nothing runs. A reconciler must stop and say so rather than read from the
 * beginning; then the operator sets the offsets back.
 */
export const offsetsLost: Fault = {
  name: 'offsets lost: it stops, says so, and goes on once they are set',
  kind: 'offsets',
  async run(stage) {
    const [one] = stage.pair
    await stage.caughtUp()
    await Promise.all(stage.pair.map((each) => each.stop()))
    const committed = await stage.client.committed(INPUTS)
    await withAdmin(stage, (admin) => admin.deleteGroups([stage.client.group]))
    const reason = await one.startToStop()
    if (!reason.startsWith('OFFSETS_LOST')) throw new Error(`it stopped for another reason: ${reason}`)
    await until('Setting the offsets back', () => setBack(stage, committed))
    await Promise.all(stage.pair.map((each) => each.start()))
  },
}

type Committed = Awaited<ReturnType<Stage['client']['committed']>>

/** True once it is done: Kafka refuses while it still waits for the instance that stopped. */
async function setBack(stage: Stage, committed: Committed): Promise<boolean> {
  await withAdmin(stage, async (admin) => {
    for (const topic of INPUTS) {
      const partitions = committed
        .filter((c) => c.topic === topic)
        .map(({ partition, offset }) => ({ partition, offset: String(offset) }))
      await admin.setOffsets({ groupId: stage.client.group, topic: stage.client.physical(topic), partitions })
    }
  })
  return true
}

type Admin = ReturnType<Stage['client']['client']['admin']>

async function withAdmin(stage: Stage, act: (admin: Admin) => Promise<unknown>): Promise<void> {
  const admin = stage.client.client.admin()
  await admin.connect()
  try {
    await act(admin)
  } finally {
    await admin.disconnect()
  }
}
