import type { Codec } from '@backhaul/codec'
import type { ServiceName, TopicName } from '@backhaul/flow'
import type { Waits } from '@backhaul/runtime'
import type * as kafkajs from 'kafkajs'
import type { DeadLetterShare } from './dead-letter-share.ts'
import type { Logger } from './logger.ts'
import type { Membership, MembershipEvents } from './membership.ts'
import type { PartitionReader } from './partition-reader.ts'
import type { TransactionalWriter } from './transactional-writer.ts'

/** Where a group stands in one partition, in flow names; `offset` null where nothing was committed. */
export interface CommittedPosition {
  readonly topic: TopicName
  readonly partition: number
  readonly offset: bigint | null
  readonly metadata: string | null
}

/** What reading and processing need of a client; `KafkaClient` says what each part does. */
export interface Connection<S extends ServiceName> {
  readonly client: kafkajs.Kafka
  readonly options: {
    readonly codec: Codec
    readonly log: Logger
    readonly waits: Waits
    readonly service: S
  }
  readonly group: string
  readonly deadLetterShare: DeadLetterShare
  physical(topic: TopicName): string
  join(topics: readonly TopicName[], events: MembershipEvents): Promise<Membership>
  untilStarted<T>(part: string, call: () => Promise<T>): Promise<T>
  partitionReader(): PartitionReader
  transactionalWriter(id: string): Promise<TransactionalWriter<S>>
  committed(names: readonly TopicName[]): Promise<CommittedPosition[]>
  close(): Promise<void>
}
