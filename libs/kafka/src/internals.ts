import { createRequire } from 'node:module'
import './fixes/raw-record-sets.ts'
import './fixes/native-crc.ts'
import './fixes/linear-grouping.ts'
import './fixes/one-pass-encoder.ts'
import './fixes/one-copy-request.ts'
import './fixes/zstd-codec.ts'
import './fixes/sequence-wrap.ts'
import './fixes/send-once.ts'
import './fixes/predecessor-markers.ts'
import './fixes/known-coordinator.ts'
import './fixes/newer-error-codes.ts'
import './fixes/idle-timer.ts'
import './fixes/one-copy-response.ts'
import './fixes/no-coordinator.ts'
import type * as kafkajs from 'kafkajs'
import type { RawRecordSet } from './fixes/raw-record-sets.ts'

// The fixes replace modules of kafkajs, so it is loaded after them, here and nowhere else.
const require = createRequire(import.meta.url)
process.env.KAFKAJS_NO_PARTITIONER_WARNING = '1'

export const { Kafka, AssignerProtocol, logLevel, CompressionTypes } = require('kafkajs') as typeof kafkajs

/** The cluster inside a kafkajs client: metadata and connections, which its public face does not offer. */
export interface Cluster {
  connect(): Promise<void>
  disconnect(): Promise<void>
  addTargetTopic(topic: string): Promise<void>
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>
  refreshMetadata(): Promise<void>
  findLeaderForPartitions(topic: string, partitions: number[]): Record<string, number[]>
  findTopicPartitionMetadata(topic: string): { partitionId: number }[]
  findBroker(node: { nodeId: string }): Promise<Broker>
  findGroupCoordinator(group: { groupId: string }): Promise<Coordinator>
}

/** One broker connection of kafkajs. */
export interface Broker {
  fetch(request: {
    isolationLevel: number
    maxWaitTime: number
    minBytes: number
    maxBytes: number
    topics: { topic: string; partitions: { partition: number; fetchOffset: string; maxBytes: number }[] }[]
  }): Promise<{ responses: { topicName: string; partitions: FetchedPartition[] }[] }>
  listOffsets(request: {
    isolationLevel: number
    topics: { topic: string; partitions: { partition: number; timestamp: number }[] }[]
  }): Promise<{ responses: { partitions: { partition: number; offset: string }[] }[] }>
}

/** The broker that keeps a consumer group. */
export interface Coordinator {
  joinGroup(request: {
    groupId: string
    memberId: string
    sessionTimeout: number
    rebalanceTimeout: number
    groupProtocols: { name: string; metadata: Buffer }[]
  }): Promise<{
    generationId: number
    memberId: string
    leaderId: string
    members: { memberId: string; memberMetadata: Buffer }[]
  }>
  syncGroup(request: {
    groupId: string
    generationId: number
    memberId: string
    groupAssignment: { memberId: string; memberAssignment: Buffer }[]
  }): Promise<{ memberAssignment: Buffer }>
  heartbeat(request: { groupId: string; groupGenerationId: number; memberId: string }): Promise<unknown>
  leaveGroup(request: { groupId: string; memberId: string }): Promise<unknown>
  offsetCommit(request: {
    groupId: string
    groupGenerationId: number
    memberId: string
    topics: {
      topic: string
      partitions: { partition: number; offset: string; metadata: string | null }[]
    }[]
  }): Promise<unknown>
  /** How a request is encoded, in the newest version that both sides know. */
  lookupRequest(apiKey: number, definition: object): (payload: object) => object
}

export interface FetchedPartition {
  partition: number
  lastStableOffset: string
  highWatermark: string
  abortedTransactions: { producerId: string; firstOffset: string }[]
  messages: RawRecordSet
}

/** A cluster of its own connections: a fetch that waits holds up nothing else. */
export function openCluster(client: kafkajs.Kafka): Cluster {
  const create = Object.getOwnPropertySymbols(client).find(
    (s) => s.description === 'private:Kafka:createCluster',
  )
  if (!create) throw new Error('kafkajs has no createCluster: is it still 2.2.4?')
  const open = (client as unknown as Record<symbol, (options: object) => Cluster>)[create]
  if (!open) throw new Error('kafkajs has no createCluster: is it still 2.2.4?')
  return open({ allowAutoTopicCreation: false, metadataMaxAge: 300_000 })
}
