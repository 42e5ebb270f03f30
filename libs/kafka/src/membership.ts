import { Fault } from '@backhaul/domain'
import { SESSION_TIMEOUT_MS } from '@backhaul/runtime'
import type * as kafkajs from 'kafkajs'
import { asFault } from './client-faults.ts'
import { coPartitionedAssigner } from './co-partitioned-assigner.ts'
import type { ConsumerCluster } from './coordinator.ts'
import { joinAs } from './fixes/group-instance-id.ts'
import type { Logger } from './logger.ts'

const REBALANCE_TIMEOUT_MS = 30_000
const HEARTBEAT_MS = 1_000

/** Partitions by physical topic. */
export type Assignment = Readonly<Record<string, readonly number[]>>

/** What a group tells its member. */
export interface MembershipEvents {
  assigned(assignment: Assignment): void
  /** The membership ended for a cause that waiting does not mend. */
  lost(error: unknown): void
}

/** Which seat to take. */
export interface SeatOptions {
  readonly groupId: string
  /** Physical names. */
  readonly topics: readonly string[]
  /** Name of a static member: it gets its partitions back after a restart. */
  readonly instanceId?: string | undefined
  readonly sessionTimeoutMs?: number | undefined
}

/** A seat in a consumer group: it says which partitions are ours and keeps the seat; it reads nothing. */
export interface Membership {
  /** Commits positions, fenced by the group's generation. */
  commit(topic: string, partition: number, offset: bigint, metadata?: string): Promise<void>
  /** Gives the seat up; that of a static member is kept for the session time-out. */
  leave(): Promise<void>
}

/**
 * Joins a consumer group and holds the seat.
 *
 * @throws Fault `KAFKA_UNAVAILABLE`, retryable, when no broker answers or a topic does not exist yet.
 *
 * The kafkajs consumer is paused for all topics: its heartbeat goes on whatever the processing does, and records are
 * read by `PartitionReader`, one connection a partition, so that a slow partition stops no other.
 */
export async function joinGroup(
  client: kafkajs.Kafka,
  { groupId, topics, instanceId, sessionTimeoutMs = SESSION_TIMEOUT_MS }: SeatOptions,
  events: MembershipEvents,
  log: Logger,
): Promise<Membership> {
  const consumer = client.consumer({
    groupId,
    partitionAssigners: [
      (config) => {
        if (instanceId !== undefined) joinAs(instanceId, config.cluster as unknown as ConsumerCluster)
        return coPartitionedAssigner(config)
      },
    ],
    sessionTimeout: sessionTimeoutMs,
    rebalanceTimeout: REBALANCE_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_MS,
    maxWaitTimeInMs: HEARTBEAT_MS,
    allowAutoTopicCreation: false,
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 10 },
  })
  let leaving = false
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    // At each join, before the first fetch: kafkajs forgets the pause when it restarts after a failed join.
    consumer.pause(topics.map((topic) => ({ topic })))
    log.info({ groupId, assignment: payload.memberAssignment }, 'partitions assigned')
    events.assigned(payload.memberAssignment)
  })
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart && !leaving) events.lost(toldClearly(payload.error, groupId, instanceId))
  })
  try {
    await consumer.connect()
    await consumer.subscribe({ topics: [...topics], fromBeginning: true })
    await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: async () => {} })
  } catch (error) {
    leaving = true
    await consumer.disconnect().catch(() => {})
    throw asFault('the consumer group', error)
  }
  return {
    async commit(topic, partition, offset, metadata) {
      const position = { topic, partition, offset: String(offset), metadata: metadata ?? null }
      await consumer.commitOffsets([position])
    },
    async leave() {
      leaving = true
      await consumer.disconnect()
    },
  }
}

/** Two processes with one instance id: the broker lets the newer one in and fences the older. */
function toldClearly(error: Error & { cause?: unknown }, groupId: string, instanceId?: string): unknown {
  const isFenced = [error, error.cause].some(
    (e) => (e as { type?: string } | undefined)?.type === 'FENCED_INSTANCE_ID',
  )
  if (!isFenced) return error
  const message = `Another process has taken the seat ${instanceId} of the group ${groupId}: each needs a KAFKA_INSTANCE_ID of its own. This one, the older, stops`
  return new Fault('INSTANCE_ID_TAKEN', message, { cause: error })
}
