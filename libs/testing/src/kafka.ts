import { Codec } from '@backhaul/codec'
import type { ServiceName } from '@backhaul/flow'
import { KafkaClient } from '@backhaul/kafka'
import { stack } from './fresh.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const noWaits = { wait() {}, ok() {} }

/** A client that acts as a service, on topics under a prefix. */
export async function actAs<S extends ServiceName>(service: S, prefix: string): Promise<KafkaClient<S>> {
  const { kafka, registry } = stack()
  const client = new KafkaClient({
    settings: { KAFKA_BROKERS: kafka.split(','), TOPIC_PREFIX: prefix },
    service,
    codec: new Codec(registry),
    log: silent,
    waits: noWaits,
    appVersion: 'test',
  })
  await client.prepare()
  return client
}
