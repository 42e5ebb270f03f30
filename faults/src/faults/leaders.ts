import { setTimeout as sleep } from 'node:timers/promises'
import type { Broker } from '../stage/broker.ts'
import type { Stage } from '../stage/stage.ts'
import type { Fault } from './fault.ts'

/** Beyond the brokers' session: its partitions have moved while it still believes that it leads. */
const FROZEN_MS = 6_000

/** What a broker may lead: one partition of it is chosen, and its leader is broken. */
export type Led =
  | 'amazon-return-rows.v1'
  | 'return-orders.v1'
  | 'reconciler.order-state.v1'
  | '__transaction_state'
  | '__consumer_offsets'

/** kill -9: the others must take over and the flow go on without it. It comes back once that is so. */
export const leaderKilled = (of: Led): Fault => ({
  name: `kill -9 of the leader of ${of}`,
  kind: 'leader',
  breaks: 'all',
  brokers: 3,
  async run(stage) {
    await (await leaderOf(stage, of)).kill()
  },
})

/** A clean stop hands its partitions over first. */
export const leaderStopped = (of: Led): Fault => ({
  name: `the leader of ${of} moves by a clean stop`,
  kind: 'leader',
  breaks: 'all',
  brokers: 3,
  async run(stage) {
    await (await leaderOf(stage, of)).stop()
  },
})

/** It wakes up as a leader that is none any more. */
export const leaderFrozen = (of: Led): Fault => ({
  name: `the leader of ${of} is frozen beyond its session`,
  kind: 'leader',
  breaks: 'all',
  brokers: 3,
  async run(stage) {
    const leader = await leaderOf(stage, of)
    leader.freeze()
    await sleep(FROZEN_MS)
    leader.thaw()
  },
})

async function leaderOf(stage: Stage, of: Led): Promise<Broker> {
  const topic = of.startsWith('__') ? of : stage.client.physical(of as 'return-orders.v1')
  const metadata = await stage.withAdmin((admin) => admin.fetchTopicMetadata({ topics: [topic] }))
  const { leader } = stage.random.pick(metadata.topics[0]?.partitions ?? [])
  return stage.cluster.brokers.find(({ id }) => id === leader) as Broker
}
