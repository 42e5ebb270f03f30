import { Fault, isRetryable } from '@backhaul/domain'
import { pause, SESSION_TIMEOUT_MS } from '@backhaul/runtime'
import type * as kafkajs from 'kafkajs'
import { asFault } from './client-faults.ts'
import {
  type Assignment,
  assignPartitions,
  decodeAssignment,
  encodeSubscription,
  NOTHING,
  PROTOCOL,
} from './co-partitioned-assigner.ts'
import { GroupConnection } from './group-connection.ts'
import type { Logger } from './logger.ts'

const REBALANCE_TIMEOUT_MS = 30_000
/** A join is answered when all members have come, or the time for it is over. */
const JOIN_LIMIT_MS = REBALANCE_TIMEOUT_MS + 10_000
const HEARTBEAT_MS = 1_000
/** So many heartbeats may be lost within the session time-out. */
const HEARTBEATS_TO_LOSE = 3
const LEAVE_LIMIT_MS = 5_000
const FIRST_WAIT_MS = 100
const LONGEST_WAIT_MS = 2_000
const COMMIT_TRIES = 10

/** What a group tells its member. */
export interface MembershipEvents {
  assigned(assignment: Assignment): void
  /**
   * The group has given our partitions away, or may have: it was not heard for the session time-out. Nothing of them may
   * be worked on until the next `assigned`.
   */
  suspended(reason: string): void
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
 * Joins a consumer group and holds the seat until `leave`, whatever brokers and network do meanwhile.
 *
 * @throws Fault `KAFKA_UNAVAILABLE`, retryable, when no broker answers or a topic does not exist yet.
 *
 * Records are read by `PartitionReader`, one connection a partition, so that a slow partition stops neither another nor
 * the heartbeat. The protocol is that of the Java client's ConsumerCoordinator with eager rebalances, but work on the
 * partitions goes on until the group says who has them next.
 */
export async function joinGroup(
  client: kafkajs.Kafka,
  options: SeatOptions,
  events: MembershipEvents,
  log: Logger,
): Promise<Membership> {
  const seat = new Seat(client, options, events, log)
  try {
    await seat.take()
  } catch (error) {
    await seat.leave()
    throw asFault('the consumer group', error)
  }
  seat.keep().catch((error) => events.lost(error))
  return seat
}

class Seat implements Membership {
  readonly #options: SeatOptions
  readonly #sessionTimeoutMs: number
  readonly #events: MembershipEvents
  readonly #log: Logger
  readonly #group: GroupConnection
  /** For positions and the farewell: a join that waits for the other members holds up its own connection. */
  readonly #aside: GroupConnection
  readonly #leaving = new AbortController()
  #memberId = ''
  #isSeated = false
  #isSuspended = false
  #given = NOTHING
  #generation = NOTHING.generation
  #silence: NodeJS.Timeout | undefined

  constructor(client: kafkajs.Kafka, options: SeatOptions, events: MembershipEvents, log: Logger) {
    this.#options = options
    this.#sessionTimeoutMs = options.sessionTimeoutMs ?? SESSION_TIMEOUT_MS
    this.#events = events
    this.#log = log
    this.#group = new GroupConnection(client, options)
    this.#aside = new GroupConnection(client, options)
  }

  /** Joins, deals the partitions when it is ours to deal, and learns which are ours. */
  async take(): Promise<void> {
    const { groupId, topics } = this.#options
    const joined = await this.#group.ask(
      ({ coordinator }) =>
        coordinator.joinGroup({
          groupId,
          memberId: this.#memberId,
          sessionTimeout: this.#sessionTimeoutMs,
          rebalanceTimeout: REBALANCE_TIMEOUT_MS,
          groupProtocols: [{ name: PROTOCOL, metadata: encodeSubscription(topics, this.#given) }],
        }),
      JOIN_LIMIT_MS,
    )
    const { memberId, generationId: generation, leaderId, members } = joined
    this.#memberId = memberId
    this.#generation = generation
    const synced = await this.#group.ask(
      async ({ cluster, coordinator }) =>
        coordinator.syncGroup({
          groupId,
          generationId: generation,
          memberId,
          groupAssignment: memberId === leaderId ? await assignPartitions(cluster, members) : [],
        }),
      JOIN_LIMIT_MS,
    )
    this.#given = { owned: decodeAssignment(synced.memberAssignment), generation }
    this.#isSeated = true
    this.#heard()
    this.#assigned()
  }

  /** Sends heartbeats and joins again when it must, until `leave` or a loss that is for good. */
  async keep(): Promise<void> {
    const { signal } = this.#leaving
    let waitMs = FIRST_WAIT_MS
    while (!signal.aborted) {
      try {
        if (this.#isSeated) await this.#beat()
        else await this.take()
        waitMs = FIRST_WAIT_MS
        await pause(HEARTBEAT_MS, signal)
      } catch (error) {
        if (signal.aborted) return
        if (this.#standsUp(error)) continue
        if (isFenced(error)) throw this.#taken(error)
        if (!isRetryable(asFault('the consumer group', error))) throw error
        const { groupId } = this.#options
        this.#log.warn({ groupId, err: error, waitMs }, 'the consumer group does not answer, asking again')
        await pause(waitMs, signal)
        waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)
      }
    }
  }

  async commit(topic: string, partition: number, offset: bigint, metadata?: string): Promise<void> {
    const position = { partition, offset: String(offset), metadata: metadata ?? null }
    let waitMs = FIRST_WAIT_MS
    for (let tries = 1; ; tries++) {
      try {
        await this.#aside.ask(
          ({ coordinator }) =>
            coordinator.offsetCommit({
              groupId: this.#options.groupId,
              groupGenerationId: this.#generation,
              memberId: this.#memberId,
              topics: [{ topic, partitions: [position] }],
            }),
          this.#sessionTimeoutMs,
        )
        return
      } catch (error) {
        if (tries === COMMIT_TRIES || typeOf(error) === 'UNKNOWN_MEMBER_ID') throw error
        await pause(waitMs, this.#leaving.signal)
        waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)
      }
    }
  }

  async leave(): Promise<void> {
    const { groupId, instanceId } = this.#options
    this.#leaving.abort()
    clearTimeout(this.#silence)
    if (this.#memberId && instanceId === undefined) {
      const farewell = { groupId, memberId: this.#memberId }
      await this.#aside
        .ask(({ coordinator }) => coordinator.leaveGroup(farewell), LEAVE_LIMIT_MS)
        .catch((error) =>
          this.#log.warn({ groupId, err: error }, 'the seat is free after the session time-out'),
        )
    }
    this.#aside.close()
    this.#group.close()
  }

  async #beat(): Promise<void> {
    const { groupId } = this.#options
    const heartbeat = { groupId, groupGenerationId: this.#generation, memberId: this.#memberId }
    await this.#group.ask(
      ({ coordinator }) => coordinator.heartbeat(heartbeat),
      this.#sessionTimeoutMs / HEARTBEATS_TO_LOSE,
    )
    this.#heard()
    if (this.#isSuspended) this.#assigned()
  }

  /** Whether the error is the group's word that the member must join again. */
  #standsUp(error: unknown): boolean {
    const type = typeOf(error)
    if (type === 'REBALANCE_IN_PROGRESS') {
      if (this.#isSeated) this.#suspendAfter(JOIN_LIMIT_MS)
    } else if (type === 'UNKNOWN_MEMBER_ID' || type === 'ILLEGAL_GENERATION') {
      if (type === 'UNKNOWN_MEMBER_ID') this.#memberId = ''
      this.#suspend('the group has given the seat away')
    } else return false
    this.#isSeated = false
    return true
  }

  #heard(): void {
    this.#suspendAfter(this.#sessionTimeoutMs)
  }

  #suspendAfter(silenceMs: number): void {
    clearTimeout(this.#silence)
    if (this.#leaving.signal.aborted) return
    const reason = `the group has not been heard for ${silenceMs / 1000} s`
    this.#silence = setTimeout(() => this.#suspend(reason), silenceMs)
  }

  #suspend(reason: string): void {
    clearTimeout(this.#silence)
    if (this.#isSuspended || this.#leaving.signal.aborted) return
    this.#isSuspended = true
    this.#log.warn({ groupId: this.#options.groupId, reason }, 'partitions suspended')
    this.#events.suspended(reason)
  }

  #assigned(): void {
    if (this.#leaving.signal.aborted) return
    this.#isSuspended = false
    const assignment = this.#given.owned
    this.#log.info({ groupId: this.#options.groupId, assignment }, 'partitions assigned')
    this.#events.assigned(assignment)
  }

  /** Two processes with one instance id: the broker lets the newer one in and fences the older. */
  #taken(cause: unknown): Fault {
    const { groupId, instanceId } = this.#options
    const message = `Another process has taken the seat ${instanceId} of the group ${groupId}: each needs a KAFKA_INSTANCE_ID of its own. This one, the older, stops`
    return new Fault('INSTANCE_ID_TAKEN', message, { cause })
  }
}

const typeOf = (error: unknown) => (error as { type?: string }).type

const isFenced = (error: unknown) => typeOf(error) === 'FENCED_INSTANCE_ID'
