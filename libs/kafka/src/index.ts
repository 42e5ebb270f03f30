export { createTopics } from './admin.ts'
export { offsetsLost, type Positions } from './begin.ts'
export { KafkaClient, type KafkaClientOptions } from './client.ts'
export type {
  Commit,
  ConsumeOptions,
  PartitionBatch,
  ReadRange,
  RunningConsumer,
  TopicPartition,
} from './consume.ts'
export {
  GroupOffsets,
  type GroupPosition,
  type OffsetChange,
  type Selection,
  type Target,
} from './group-offsets.ts'
export type { Logger } from './logger.ts'
export type { Membership } from './membership.ts'
export { Outbox, type Write } from './outbox.ts'
export { type OutgoingRecord, partitionOf } from './outgoing.ts'
export type { PartitionProcessor, ProcessorOptions, RunningProcessor } from './processor.ts'
export type { InputOf, InputRecord, ValueOf } from './records.ts'
export { topicMessagesOf } from './sends.ts'
export type { KafkaSettings } from './settings.ts'
export { type InputPositions, TransactionalWriter } from './transactional-writer.ts'
