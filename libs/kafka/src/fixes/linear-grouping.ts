/**
 * kafkajs copies a partition's list for each message that it adds: a send takes quadratic time.
 * Mends: kafkajs/src/producer/groupMessagesPerPartition.js. Upstream: no issue known.
 */
import type * as kafkajs from 'kafkajs'
import { EncodedTopic } from '../encoded-records.ts'
import { replaceModule } from './replace-module.ts'

interface Grouping {
  topic: string
  partitionMetadata: kafkajs.PartitionMetadata[]
  messages: kafkajs.Message[] | EncodedTopic
  partitioner: (args: kafkajs.PartitionerArgs) => number
}

/** Messages by partition, each list in the order of sending. What was encoded before is grouped already. */
export function groupByPartition({ topic, partitionMetadata, messages, partitioner }: Grouping) {
  if (messages instanceof EncodedTopic) return messages.byPartition
  const groups: Record<number, kafkajs.Message[]> = {}
  if (partitionMetadata.length === 0) return groups
  for (const message of messages) {
    const partition = partitioner({ topic, partitionMetadata, message })
    const group = groups[partition]
    if (group) group.push(message)
    else groups[partition] = [message]
  }
  return groups
}

replaceModule('kafkajs/src/producer/groupMessagesPerPartition', groupByPartition)
