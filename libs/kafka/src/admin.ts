import { type TopicName, topics } from '@backhaul/flow'
import { Kafka, logLevel } from './internals.ts'
import { type KafkaSettings, toKafkaConfig } from './settings.ts'

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
        waitForLeaders: true,
        topics: missing.map((name) => ({
          topic: physical(name),
          numPartitions: topics[name].partitions,
          replicationFactor: replication,
          configEntries: Object.entries(topics[name].config).map(([key, value]) => ({ name: key, value })),
        })),
      })
    }
    const { topics: found } = await admin.fetchTopicMetadata({ topics: names.map(physical) })
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
