import { Codec } from '@backhaul/codec'
import type { ServiceName } from '@backhaul/flow'
import { KafkaClient } from '@backhaul/kafka'

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const noWaits = { wait() {}, ok() {} }

/** Where topics are, and what their names begin with. */
export interface Place {
  readonly brokers: string
  readonly registry: string
  readonly prefix: string
}

/** A client that acts as a service, on topics under a prefix. */
export async function actAs<S extends ServiceName>(
  service: S,
  { brokers, registry, prefix }: Place,
): Promise<KafkaClient<S>> {
  const client = new KafkaClient({
    settings: { KAFKA_BROKERS: [brokers], TOPIC_PREFIX: prefix },
    service,
    codec: new Codec(registry),
    log: silent,
    waits: noWaits,
    appVersion: 'bench',
  })
  await client.prepare()
  return client
}
