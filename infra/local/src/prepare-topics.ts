import { Codec } from '@backhaul/codec'
import { type TopicName, topics } from '@backhaul/flow'
import { createTopics, type KafkaSettings } from '@backhaul/kafka'
import type { RecordName } from '@backhaul/schemas'

/** The deploy step: creates the flow's topics and registers the schema of each. Can be repeated. */
export async function prepareTopics(settings: KafkaSettings, registryUrl: string): Promise<void> {
  await createTopics(settings)
  const codec = new Codec(registryUrl)
  for (const name of Object.keys(topics) as TopicName[]) {
    const record = topics[name].record as RecordName | null
    if (record) await codec.register(`${settings.TOPIC_PREFIX}${name}`, record)
  }
}
