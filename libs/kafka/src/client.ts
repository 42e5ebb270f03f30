import { Codec } from '@backhaul/codec'
import { Fault, memo } from '@backhaul/domain'
import {
  type ReadsOf,
  type ServiceName,
  services,
  type TopicName,
  topics,
  type WritesOf,
} from '@backhaul/flow'
import { appVersion, type ServiceContext, untilStarted, type Waits } from '@backhaul/runtime'
import type * as kafkajs from 'kafkajs'
import { asFault } from './client-faults.ts'
import type { CommittedPosition, Connection } from './connection.ts'
import { type ConsumeOptions, consume, type RunningConsumer } from './consume.ts'
import { DeadLetterShare } from './dead-letter-share.ts'
import { DeadLetterWriter, deadLetterHeaders } from './dead-letters.ts'
import { Kafka, logLevel } from './internals.ts'
import type { Logger } from './logger.ts'
import { joinGroup, type Membership, type MembershipEvents, type SeatOptions } from './membership.ts'
import { PartitionReader } from './partition-reader.ts'
import { type ProcessorOptions, process as processPartitions, type RunningProcessor } from './processor.ts'
import { decodeRecord, type InputRecord, learnSchemas } from './records.ts'
import { type KafkaSettings, toKafkaConfig } from './settings.ts'
import { TransactionalWriter } from './transactional-writer.ts'

/** What a client is made of. */
export interface KafkaClientOptions<S extends ServiceName> {
  readonly settings: KafkaSettings
  readonly service: S
  readonly codec: Codec
  readonly log: Logger
  readonly waits: Waits
  /** Aborted when the service is asked to stop: ends `prepare`, `consume` and `process` while they still wait. */
  readonly signal?: AbortSignal
  /** Version of the application, told in dead letters. */
  readonly appVersion: string
}

type Context = Pick<
  ServiceContext<KafkaSettings & { readonly SCHEMA_REGISTRY_URL: string }>,
  'config' | 'log' | 'health' | 'signal'
>

/** Longest wait of a read that only wants what is there already. */
const READ_TO_END_WAIT_MS = 50

/** Kafka as a service sees it: topics by their name in the flow, values as domain records. */
export class KafkaClient<S extends ServiceName> implements Connection<S> {
  readonly client: kafkajs.Kafka
  readonly options: KafkaClientOptions<S>
  readonly deadLetterShare: DeadLetterShare

  constructor(options: KafkaClientOptions<S>) {
    this.options = options
    this.client = new Kafka({
      ...toKafkaConfig(options.settings, options.service),
      logLevel: logLevel.WARN,
      logCreator: toLog(options.log),
    })
    this.deadLetterShare = new DeadLetterShare(options.settings.DEAD_LETTER_SHARE_LIMIT)
    this.#deadLetters = new DeadLetterWriter(this.client)
  }

  /** The client of a service, from what it was started with. Connects when it is first used. */
  static of<S extends ServiceName>(service: S, { config, log, health, signal }: Context): KafkaClient<S> {
    const codec = new Codec(config.SCHEMA_REGISTRY_URL)
    return new KafkaClient({ settings: config, service, codec, log, waits: health, signal, appVersion })
  }

  /**
   * Looks up the schemas of all topics that this service writes, and of `also`, so that encoding needs no I/O.
   * A registry that is down is waited out.
   *
   * @throws the reason of the signal when the service is asked to stop meanwhile.
   */
  async prepare(also: readonly TopicName[] = []): Promise<void> {
    const { codec, service } = this.options
    await this.untilStarted('schema registry', async () => {
      for (const topic of [...services[service].writes, ...also]) {
        const { record } = topics[topic]
        if (record) await codec.prepare(this.physical(topic), record)
      }
    })
  }

  /** Waits out what a start needs; throws the reason of the signal when the service is asked to stop meanwhile. */
  untilStarted<T>(part: string, call: () => Promise<T>): Promise<T> {
    const { log, waits, signal = new AbortController().signal } = this.options
    return untilStarted(part, call, { log, waits, signal })
  }

  /** Name of a topic on the cluster. */
  physical = memo((topic: TopicName): string => `${this.options.settings.TOPIC_PREFIX}${topic}`)

  /** Name of this service's consumer group on the cluster. */
  get group(): string {
    return `${this.options.settings.TOPIC_PREFIX}${this.options.service}`
  }

  /** The seat in the group that this process takes. */
  seat(names: readonly TopicName[]): SeatOptions {
    const { KAFKA_INSTANCE_ID: instanceId, KAFKA_SESSION_TIMEOUT_MS: sessionTimeoutMs } =
      this.options.settings
    return { groupId: this.group, topics: names.map(this.physical), instanceId, sessionTimeoutMs }
  }

  /** Takes the seat, and waits out what that needs. */
  join(names: readonly TopicName[], events: MembershipEvents): Promise<Membership> {
    return this.untilStarted('kafka connection', () =>
      joinGroup(this.client, this.seat(names), events, this.options.log),
    )
  }

  /** A producer under a transactional id of this service; fences its predecessors. */
  transactionalWriter(id: string): Promise<TransactionalWriter<S>> {
    const { settings, service, codec } = this.options
    return TransactionalWriter.open(
      this.client,
      `${settings.TOPIC_PREFIX}${service}-${id}`,
      codec,
      service,
      this.physical,
    )
  }

  /** A reader without a group, for positions of one's own. */
  partitionReader(): PartitionReader {
    return new PartitionReader(this.client)
  }

  /** End of a partition for a read_committed reader. */
  endOffset(topic: ReadsOf<S>, partition: number): Promise<bigint> {
    return this.#asked(topic, (reader, name) => reader.latest(name, partition))
  }

  /** Where a partition begins and ends for a read_committed reader. */
  bounds(topic: ReadsOf<S>, partition: number): Promise<{ earliest: bigint; end: bigint }> {
    return this.#asked(topic, async (reader, name) => ({
      earliest: await reader.earliest(name, partition),
      end: await reader.latest(name, partition),
    }))
  }

  async #asked<T>(
    topic: ReadsOf<S>,
    ask: (reader: PartitionReader, physicalTopic: string) => Promise<T>,
  ): Promise<T> {
    const reader = this.partitionReader()
    try {
      return await ask(reader, this.physical(topic))
    } catch (error) {
      throw asFault(topic, error)
    } finally {
      await reader.close()
    }
  }

  /**
   * Reads a partition from an offset (default: the first there is) to its end at the time of the call.
   *
   * @throws Fault `LOG_SHORTER` when the log ends before `toOffset`.
   */
  async *readToEnd<T extends ReadsOf<S>>(
    topic: T,
    partition: number,
    fromOffset?: bigint,
    toOffset?: bigint,
  ): AsyncGenerator<InputRecord<T>> {
    const { codec } = this.options
    const name = this.physical(topic)
    const reader = this.partitionReader()
    try {
      const latest = await reader.latest(name, partition)
      const end = toOffset ?? latest
      if (end > latest) {
        throw new Fault('LOG_SHORTER', `${topic}/${partition} ends at ${latest}, before offset ${end}`)
      }
      let next = fromOffset ?? (await reader.earliest(name, partition))
      await reader.seek(name, partition, next)
      while (next < end) {
        for (const batch of await reader.fetch(READ_TO_END_WAIT_MS)) {
          await learnSchemas(codec, topic, batch.records)
          for (const raw of batch.records) {
            if (raw.offset >= end) return
            yield decodeRecord(codec, topic, partition, raw) as InputRecord<T>
          }
          next = batch.nextOffset
        }
      }
    } catch (error) {
      throw asFault(topic, error)
    } finally {
      await reader.close()
    }
  }

  /** Committed positions of this service's group, in flow names; `offset` null where nothing was committed. */
  async committed(names: readonly TopicName[]): Promise<CommittedPosition[]> {
    const admin = this.client.admin({ retry: { retries: 3 } })
    try {
      await admin.connect()
      const byName = new Map(names.map((name) => [this.physical(name), name]))
      const answers = await admin.fetchOffsets({ groupId: this.group, topics: [...byName.keys()] })
      return answers.flatMap(({ topic, partitions }) =>
        partitions.map((p) => ({
          topic: byName.get(topic) as TopicName,
          partition: p.partition,
          offset: BigInt(p.offset) < 0n ? null : BigInt(p.offset),
          metadata: p.metadata || null,
        })),
      )
    } finally {
      await admin.disconnect()
    }
  }

  /** Reads topics as a consumer group with positions of the caller's; see ConsumeOptions. */
  consume<T extends ReadsOf<S>>(options: ConsumeOptions<T>): Promise<RunningConsumer> {
    return consume(this, options)
  }

  /** Reads, computes and writes exactly once; see ProcessorOptions. */
  process(options: ProcessorOptions<S>): Promise<RunningProcessor> {
    return processPartitions(this, options)
  }

  readonly #deadLetters: DeadLetterWriter

  /**
   * Writes records that could not be read to the dead letters, bytes untouched. Before the position moves on.
   *
   * @throws Fault `KAFKA_UNAVAILABLE`, retryable; `MESSAGE_TOO_LARGE`, not retryable.
   */
  async deadLetter(topic: WritesOf<S>, records: readonly InputRecord[], step: string): Promise<void> {
    if (records.length === 0) return
    const messages = records.map((record) => ({
      key: record.raw.key,
      value: record.raw.value,
      headers: this.deadLetterHeaders(record, record.undecodable ?? new Fault('REJECTED', 'refused'), step),
    }))
    await this.#deadLetters.send(topic, this.physical(topic), messages)
  }

  /** Closes what the client itself opened. */
  close(): Promise<void> {
    return this.#deadLetters.close()
  }

  /** Headers of a dead letter for a record of this service; it counts in the share of dead letters. */
  deadLetterHeaders(record: InputRecord, fault: Fault, step: string): Record<string, string | Buffer> {
    this.deadLetterShare.reject(record, fault.code, step)
    return deadLetterHeaders(record, fault, step, this.options.appVersion)
  }
}

const levels = new Map<number, 'error' | 'warn' | 'info' | 'debug'>([
  [1, 'error'],
  [2, 'warn'],
  [4, 'info'],
  [5, 'debug'],
])

/** kafkajs's lines are for debugging: what it gives up on comes to us as an error, and is told where it is waited out. */
function toLog(log: Logger): kafkajs.logCreator {
  return () =>
    ({ level, log: { message, ...fields } }) => {
      const name = levels.get(level) ?? 'debug'
      const { timestamp: _, stack: _stack, ...rest } = fields
      log.debug({ ...rest, severity: name, kafkajs: message }, 'kafka client')
    }
}
