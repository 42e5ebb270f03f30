import { Fault } from '@backhaul/domain'
import { type ServiceName, services, type TopicName, topics } from '@backhaul/flow'
import { GroupConnection } from './group-connection.ts'
import { Kafka, logLevel } from './internals.ts'
import { PartitionReader } from './partition-reader.ts'
import { type KafkaSettings, toKafkaConfig } from './settings.ts'

/** A group without members: whoever commits says that it is none. Source: OffsetCommit of the Kafka protocol. */
const NO_MEMBER = { memberId: '', groupGenerationId: -1 }

const ANSWER_LIMIT_MS = 30_000

/** Where a group stands in one partition, beside what the log holds: `[first, end)`. */
export interface GroupPosition {
  readonly topic: TopicName
  readonly partition: number
  readonly first: bigint
  /** For a read_committed reader. */
  readonly end: bigint
  /** Null where the group has no offset. */
  readonly committed: bigint | null
}

/**
 * Where a group shall go on. A time is in milliseconds: the first record of that time or later, else the end. Commit markers
 * count with the time of their writing, so that it may begin with records of before.
 */
export type Target = 'earliest' | 'latest' | { readonly offset: bigint } | { readonly time: number }

export interface OffsetChange extends GroupPosition {
  readonly next: bigint
}

/** Which partitions; all of them where nothing is said. */
export interface Selection {
  readonly topic?: TopicName | undefined
  readonly partition?: number | undefined
}

/** The offsets of a service's group, for a person who decides where it goes on. Close it when done. */
export class GroupOffsets {
  readonly #settings: KafkaSettings
  readonly #service: ServiceName
  readonly #client: InstanceType<typeof Kafka>
  readonly #reader: PartitionReader

  constructor(settings: KafkaSettings, service: ServiceName) {
    this.#settings = settings
    this.#service = service
    this.#client = new Kafka({ ...toKafkaConfig(settings, 'backhaul-offsets'), logLevel: logLevel.NOTHING })
    this.#reader = new PartitionReader(this.#client)
  }

  get group(): string {
    return `${this.#settings.TOPIC_PREFIX}${this.#service}`
  }

  /** Where the group stands in the topics that it reads. */
  async positions({ topic, partition }: Selection = {}): Promise<GroupPosition[]> {
    const { reads, joins }: { reads: readonly TopicName[]; joins: readonly TopicName[] } =
      services[this.#service]
    const known = joins.length > 0 ? joins : reads
    if (topic && !known.includes(topic)) {
      throw new Fault(
        'FLOW_UNDECLARED',
        `${this.group} has positions in ${known.join(', ')}, not in ${topic}`,
      )
    }
    const committed = await this.#committed(known)
    const positions: GroupPosition[] = []
    for (const name of topic ? [topic] : known) {
      for (let number = 0; number < topics[name].partitions; number++) {
        if (partition !== undefined && partition !== number) continue
        const physical = this.#physical(name)
        positions.push({
          topic: name,
          partition: number,
          first: await this.#reader.earliest(physical, number),
          end: await this.#reader.latest(physical, number),
          committed: committed.get(`${physical}/${number}`) ?? null,
        })
      }
    }
    return positions
  }

  /**
   * What `set` would change.
   *
   * @throws Fault `OFFSET_OUTSIDE_LOG` when a partition does not hold the wanted offset.
   */
  async plan(target: Target, selection: Selection = {}): Promise<OffsetChange[]> {
    const changes: OffsetChange[] = []
    for (const position of await this.positions(selection)) {
      const next = await this.#offsetOf(target, position)
      const { topic, partition, first, end } = position
      if (next < first || next > end) {
        const message = `${topic}/${partition} holds offsets ${first} to ${end}, so that nobody can go on at ${next}`
        throw new Fault('OFFSET_OUTSIDE_LOG', message)
      }
      changes.push({ ...position, next })
    }
    return changes
  }

  /**
   * Sets the offsets, all in one request, and clears what a sink noted beside them.
   *
   * @throws Fault `GROUP_NOT_EMPTY` while somebody reads; `KAFKA_UNAVAILABLE` when no answer came: look where the group stands.
   */
  async set(changes: readonly OffsetChange[]): Promise<void> {
    const members = await this.members()
    if (members > 0) {
      throw new Fault(
        'GROUP_NOT_EMPTY',
        `The group ${this.group} has ${members} member(s): stop ${this.#service} first. ` +
          'One with a KAFKA_INSTANCE_ID keeps its seat for KAFKA_SESSION_TIMEOUT_MS after it stopped',
      )
    }
    const groupId = this.group
    const byTopic = Map.groupBy(changes, ({ topic }) => this.#physical(topic))
    const topics = [...byTopic].map(([topic, partitions]) => ({
      topic,
      partitions: partitions.map(({ partition, next }) => ({
        partition,
        offset: String(next),
        metadata: null,
      })),
    }))
    const connection = new GroupConnection(this.#client, { groupId })
    try {
      await connection.ask(
        ({ coordinator }) => coordinator.offsetCommit({ ...NO_MEMBER, groupId, topics }),
        ANSWER_LIMIT_MS,
      )
    } finally {
      connection.close()
    }
  }

  /** How many members the group has. */
  async members(): Promise<number> {
    const admin = this.#client.admin()
    await admin.connect()
    try {
      const { groups } = await admin.describeGroups([this.group])
      return groups[0]?.members.length ?? 0
    } finally {
      await admin.disconnect()
    }
  }

  close(): Promise<void> {
    return this.#reader.close()
  }

  #physical(topic: TopicName): string {
    return `${this.#settings.TOPIC_PREFIX}${topic}`
  }

  async #offsetOf(target: Target, { topic, partition, first, end }: GroupPosition): Promise<bigint> {
    if (target === 'earliest') return first
    if (target === 'latest') return end
    if ('offset' in target) return target.offset
    return (await this.#reader.atTime(this.#physical(topic), partition, target.time)) ?? end
  }

  async #committed(names: readonly TopicName[]): Promise<Map<string, bigint>> {
    const admin = this.#client.admin()
    await admin.connect()
    try {
      const answers = await admin.fetchOffsets({
        groupId: this.group,
        topics: names.map((n) => this.#physical(n)),
      })
      return new Map(
        answers
          .flatMap(({ topic, partitions }) =>
            partitions.map((p) => [`${topic}/${p.partition}`, BigInt(p.offset)] as const),
          )
          .filter(([, offset]) => offset >= 0n),
      )
    } finally {
      await admin.disconnect()
    }
  }
}
