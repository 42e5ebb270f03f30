import type * as kafkajs from 'kafkajs'
import { AssignerProtocol } from './internals.ts'

/** Deals partition numbers to members in turn; every topic's partition n goes to the member that has n. */
export function dealPartitionNumbers(
  members: readonly string[],
  partitionsOf: Readonly<Record<string, number>>,
): Map<string, Record<string, number[]>> {
  const sorted = [...members].sort()
  const dealt = new Map<string, Record<string, number[]>>(sorted.map((member) => [member, {}]))
  for (const [topic, count] of Object.entries(partitionsOf)) {
    for (let partition = 0; partition < count; partition++) {
      const topics = dealt.get(sorted[partition % sorted.length] as string) as Record<string, number[]>
      topics[topic] = [...(topics[topic] ?? []), partition]
    }
  }
  return dealt
}

/**
 * kafkajs's own assigner deals the partitions of all topics in one round, so that orders 3 and rows 3 may part.
 * This one keeps a partition number together over all joined topics.
 */
export const coPartitionedAssigner: kafkajs.PartitionAssigner = ({ cluster }) => ({
  name: 'backhaul-co-partitioned',
  version: 1,
  async assign({ members, topics }) {
    const counts = Object.fromEntries(
      topics.map((topic) => [topic, cluster.findTopicPartitionMetadata(topic).length] as const),
    )
    const dealt = dealPartitionNumbers(
      members.map((m) => m.memberId),
      counts,
    )
    return [...dealt].map(([memberId, assignment]) => ({
      memberId,
      memberAssignment: AssignerProtocol.MemberAssignment.encode({
        version: 1,
        assignment,
        userData: Buffer.alloc(0),
      }),
    }))
  },
  protocol: ({ topics }) => ({
    name: 'backhaul-co-partitioned',
    metadata: AssignerProtocol.MemberMetadata.encode({ version: 1, topics, userData: Buffer.alloc(0) }),
  }),
})
