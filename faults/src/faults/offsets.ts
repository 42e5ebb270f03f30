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
  breaks: 'all',
  async run(stage) {
    const [one] = stage.pair
    await stage.caughtUp()
    await Promise.all(stage.pair.map((each) => each.stop()))
    const committed = await stage.client.committed(INPUTS)
    await until('The end of the group', () => deleteGroup(stage))
    const reason = await one.startToStop()
    if (!reason.startsWith('OFFSETS_LOST')) throw new Error(`it stopped for another reason: ${reason}`)
    await until('Setting the offsets back', () => setBack(stage, committed))
    await Promise.all(stage.pair.map((each) => each.start()))
  },
}

/** True once it is done: a static member that stopped is in the group until its session ends. */
async function deleteGroup(stage: Stage): Promise<boolean> {
  await stage.withAdmin((admin) => admin.deleteGroups([stage.client.group]))
  return true
}

type Committed = Awaited<ReturnType<Stage['client']['committed']>>

/** True once it is done: Kafka refuses while it still waits for the instance that stopped. */
async function setBack(stage: Stage, committed: Committed): Promise<boolean> {
  const groupId = stage.client.group
  await stage.withAdmin(async (admin) => {
    for (const name of INPUTS) {
      const partitions = committed
        .filter(({ topic }) => topic === name)
        .map(({ partition, offset }) => ({ partition, offset: String(offset) }))
      await admin.setOffsets({ groupId, topic: stage.client.physical(name), partitions })
    }
  })
  return true
}
