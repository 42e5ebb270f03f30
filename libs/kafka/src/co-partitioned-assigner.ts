import type * as kafkajs from 'kafkajs'
import { type ConsumerCluster, wrapCoordinator } from './coordinator.ts'
import { dealPartitions, type Member } from './deal-partitions.ts'
import { AssignerProtocol } from './internals.ts'

const NAME = 'backhaul-co-partitioned'
const VERSION = 1

/** What a member was given last: goes with its next subscription, so that the leader can leave it there. */
type Given = Pick<Member, 'owned' | 'generation'>

const NOTHING: Given = { owned: {}, generation: -1 }

/**
 * kafkajs's own assigner deals the partitions of all topics in one round, so that orders 3 and rows 3 may part, and deals
 * anew at each rebalance. This one keeps a partition number together over all joined topics, and with the member that has it.
 */
export const coPartitionedAssigner: kafkajs.PartitionAssigner = ({ cluster }) => {
  const consumerCluster = cluster as unknown as ConsumerCluster
  const given = rememberGiven(consumerCluster)
  return {
    name: NAME,
    version: VERSION,
    async assign({ members, topics }) {
      const seated = members.map(toMember)
      const all = [...new Set([...topics, ...seated.flatMap((member) => member.topics)])]
      await consumerCluster.addMultipleTargetTopics(all)
      const counts = all.map((topic) => [topic, cluster.findTopicPartitionMetadata(topic).length] as const)
      return [...dealPartitions(seated, Object.fromEntries(counts))].map(([memberId, assignment]) => ({
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({
          version: VERSION,
          assignment,
          userData: Buffer.alloc(0),
        }),
      }))
    },
    protocol: ({ topics }) => ({
      name: NAME,
      metadata: AssignerProtocol.MemberMetadata.encode({
        version: VERSION,
        topics,
        userData: Buffer.from(JSON.stringify(given())),
      }),
    }),
  }
}

/** Listens to what the coordinator gives this member. */
function rememberGiven(cluster: ConsumerCluster): () => Given {
  let given = NOTHING
  let generation = NOTHING.generation
  wrapCoordinator(cluster, (coordinator) => ({
    async joinGroup(request) {
      const joined = await coordinator.joinGroup(request)
      generation = joined.generationId
      return joined
    },
    async syncGroup(request) {
      const synced = await coordinator.syncGroup(request)
      const assignment = AssignerProtocol.MemberAssignment.decode(synced.memberAssignment)
      given = { owned: assignment?.assignment ?? {}, generation }
      return synced
    },
  }))
  return () => given
}

function toMember({ memberId, memberMetadata }: kafkajs.GroupMember): Member {
  const metadata = AssignerProtocol.MemberMetadata.decode(memberMetadata)
  return { id: memberId, topics: metadata?.topics ?? [], ...toGiven(metadata?.userData) }
}

/** A member of an earlier release says nothing. */
function toGiven(userData: Buffer | undefined): Given {
  if (!userData?.length) return NOTHING
  return JSON.parse(userData.toString('utf8')) as Given
}
