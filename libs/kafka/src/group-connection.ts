import { Fault } from '@backhaul/domain'
import { within } from '@backhaul/runtime'
import type * as kafkajs from 'kafkajs'
import { asStaticMember } from './fixes/group-instance-id.ts'
import { type Cluster, type Coordinator, openCluster } from './internals.ts'

/** Which group to reach, and as whom. */
interface GroupOptions {
  readonly groupId: string
  /** Physical names of what its members read; none for who only asks about it. */
  readonly topics?: readonly string[]
  readonly instanceId?: string | undefined
}

interface Connected {
  readonly cluster: Cluster
  readonly coordinator: Coordinator
}

/**
 * A way to a group's coordinator that is made anew after every failure: connections, metadata and all. What kafkajs
 * remembers of a cluster whose brokers went and came need not be true.
 */
export class GroupConnection {
  readonly #client: kafkajs.Kafka
  readonly #group: GroupOptions
  #connected: Promise<Connected> | undefined

  constructor(client: kafkajs.Kafka, group: GroupOptions) {
    this.#client = client
    this.#group = group
  }

  /**
   * Asks the coordinator, for `limitMs` at most.
   *
   * @throws what kafkajs throws, or Fault `KAFKA_UNAVAILABLE`, retryable, when no answer comes, and the question goes on
   *   behind it. The next question finds its own way.
   */
  async ask<T>(call: (connected: Connected) => Promise<T>, limitMs: number): Promise<T> {
    const connected = this.#connected ?? this.#connect()
    this.#connected = connected
    try {
      return await within(limitMs, connected.then(call), () => unanswered(limitMs))
    } catch (error) {
      if (this.#connected === connected) this.close()
      throw error
    }
  }

  /** Closes the connections without waiting for answers that are due. */
  close(): void {
    this.#connected?.then(({ cluster }) => cluster.disconnect()).catch(() => {})
    this.#connected = undefined
  }

  async #connect(): Promise<Connected> {
    const { groupId, topics = [], instanceId } = this.#group
    const cluster = openCluster(this.#client)
    try {
      await cluster.connect()
      await cluster.addMultipleTargetTopics(topics)
      const coordinator = await cluster.findGroupCoordinator({ groupId })
      return { cluster, coordinator: instanceId ? asStaticMember(coordinator, instanceId) : coordinator }
    } catch (error) {
      cluster.disconnect().catch(() => {})
      throw error
    }
  }
}

const unanswered = (limitMs: number) =>
  new Fault('KAFKA_UNAVAILABLE', `Kafka has not answered within ${limitMs / 1000} s`, { retryable: true })
