import { Codec } from '@backhaul/codec'
import { type TopicName, topics } from '@backhaul/flow'
import { createTopics, type KafkaSettings } from '@backhaul/kafka'
import { kafkaConfig, readConfig } from '@backhaul/runtime'
import type { RecordName } from '@backhaul/schemas'
import { z } from 'zod'

const { SCHEMA_REGISTRY_URL: _, ...kafkaOnly } = kafkaConfig

const deployConfig = z.object({
  ...kafkaOnly,
  /** Copies of each partition. A cluster wants 3; the local broker has no others. */
  TOPIC_REPLICATION: z.coerce.number().int().min(1).default(1),
})

export type DeploySettings = KafkaSettings & { readonly TOPIC_REPLICATION?: number }

/** How to reach Kafka, from the environment. @throws Fault `CONFIG_INVALID` with all faults. */
export const settingsFrom = (environment: Readonly<Record<string, string | undefined>>): DeploySettings =>
  readConfig(deployConfig, environment)

/** The deploy step: creates the flow's topics and registers the schema of each. Can be repeated. */
export async function prepareTopics(settings: DeploySettings, registryUrl: string): Promise<void> {
  await createTopics(settings, settings.TOPIC_REPLICATION)
  const codec = new Codec(registryUrl)
  for (const name of Object.keys(topics) as TopicName[]) {
    const record = topics[name].record as RecordName | null
    if (record) await codec.register(`${settings.TOPIC_PREFIX}${name}`, record)
  }
}
