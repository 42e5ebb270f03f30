import { dealPartitions, type Member } from './deal-partitions.ts'
import { AssignerProtocol, type Cluster } from './internals.ts'

/** Name of the protocol: members of a group must have one in common. */
export const PROTOCOL = 'backhaul-co-partitioned'
const VERSION = 1

/** Partitions by physical topic. */
export type Assignment = Readonly<Record<string, readonly number[]>>

/** What a member was given last: goes with its next subscription, so that the leader can leave it there. */
export type Given = Pick<Member, 'owned' | 'generation'>

export const NOTHING: Given = { owned: {}, generation: -1 }

/** What a member tells the group's leader, by way of the broker. */
export function encodeSubscription(topics: readonly string[], given: Given): Buffer {
  const userData = Buffer.from(JSON.stringify(given))
  return AssignerProtocol.MemberMetadata.encode({ version: VERSION, topics: [...topics], userData })
}

export function decodeAssignment(bytes: Buffer): Assignment {
  return AssignerProtocol.MemberAssignment.decode(bytes)?.assignment ?? {}
}

/**
 * Deals the partitions, as the group's leader: a partition number is kept together over all joined topics, and with the
 * member that has it.
 */
export async function assignPartitions(
  cluster: Cluster,
  members: readonly { memberId: string; memberMetadata: Buffer }[],
): Promise<{ memberId: string; memberAssignment: Buffer }[]> {
  const seated = members.map(toMember)
  const topics = [...new Set(seated.flatMap((member) => member.topics))]
  await cluster.addMultipleTargetTopics(topics)
  await cluster.refreshMetadata()
  const counts = topics.map((topic) => [topic, cluster.findTopicPartitionMetadata(topic).length] as const)
  return [...dealPartitions(seated, Object.fromEntries(counts))].map(([memberId, assignment]) => ({
    memberId,
    memberAssignment: AssignerProtocol.MemberAssignment.encode({
      version: VERSION,
      assignment,
      userData: Buffer.alloc(0),
    }),
  }))
}

function toMember({ memberId, memberMetadata }: { memberId: string; memberMetadata: Buffer }): Member {
  const metadata = AssignerProtocol.MemberMetadata.decode(memberMetadata)
  return { id: memberId, topics: metadata?.topics ?? [], ...toGiven(metadata?.userData) }
}

/** A member of an earlier release says nothing. */
function toGiven(userData: Buffer | undefined): Given {
  if (!userData?.length) return NOTHING
  return JSON.parse(userData.toString('utf8')) as Given
}
