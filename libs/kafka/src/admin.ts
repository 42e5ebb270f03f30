import { setTimeout as sleep } from 'node:timers/promises'
import { type TopicName, topics } from '@backhaul/flow'
import type * as kafkajs from 'kafkajs'
import { Kafka, logLevel } from './internals.ts'
import { type KafkaSettings, toKafkaConfig } from './settings.ts'

/** How long brokers may take to hear of a topic that was created. */
const KNOWN_WITHIN_MS = 30_000
const ASK_AGAIN_MS = 100
/** What is said of a topic that is on its way. */
const NOT_YET: ReadonlySet<string> = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
])

/**
 * Creates the topics of the flow that are missing, with the flow's partitions and settings.
 * A deploy step: services never create topics.
 *
 * @param replication Copies of each partition; 1 on a single broker.
 * @returns Names that were created.
 * @throws Error when a topic exists with another partition count: a join would go wrong silently.
 */
export async function createTopics(
  settings: KafkaSettings,
  replication = 1,
  names: readonly TopicName[] = Object.keys(topics) as TopicName[],
): Promise<string[]> {
  const admin = new Kafka({
    ...toKafkaConfig(settings, 'backhaul-deploy'),
    logLevel: logLevel.NOTHING,
  }).admin()
  await admin.connect()
  try {
    const physical = (name: TopicName) => `${settings.TOPIC_PREFIX}${name}`
    const there = new Set(await admin.listTopics())
    const missing = names.filter((name) => !there.has(physical(name)))
    if (missing.length > 0) {
      await admin.createTopics({
        // It would fail where a broker has not heard of the topics yet; below, that is waited for.
        waitForLeaders: false,
        topics: missing.map((name) => ({
          topic: physical(name),
          numPartitions: topics[name].partitions,
          replicationFactor: replication,
          configEntries: Object.entries(topics[name].config).map(([key, value]) => ({ name: key, value })),
        })),
      })
    }
    const found = await metadataOf(admin, names.map(physical))
    for (const name of names) {
      const count = found.find((t) => t.name === physical(name))?.partitions.length
      if (count !== topics[name].partitions) {
        throw new Error(
          `${physical(name)} has ${count} partitions, the flow wants ${topics[name].partitions}`,
        )
      }
    }
    return missing.map(physical)
  } finally {
    await admin.disconnect()
  }
}

/** Asks until the leaders of all partitions answer: brokers hear of new topics a little after the controller. */
async function metadataOf(admin: kafkajs.Admin, names: string[]): Promise<kafkajs.ITopicMetadata[]> {
  const deadline = performance.now() + KNOWN_WITHIN_MS
  for (;;) {
    try {
      const { topics: found } = await admin.fetchTopicMetadata({ topics: names })
      for (const { name } of found) await admin.fetchTopicOffsets(name)
      return found
    } catch (error) {
      const { type = '' } = error as { type?: string }
      if (!NOT_YET.has(type) || performance.now() > deadline) throw error
      await sleep(ASK_AGAIN_MS)
    }
  }
}
