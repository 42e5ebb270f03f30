import { prepareTopics } from '@backhaul/local'
import type { Bench, Contender } from '../bench.ts'
import { runClient } from '../client-process.ts'

const PREFIX = 'produce.'

/** Plain sends: what our producer gains over kafkajs as npm has it. */
export const produce: Bench = {
  name: 'produce',
  compares:
    'our producer with stock kafkajs, 1,000 records of 500 bytes a send, acks all, idempotent, uncompressed; the ceiling sends the same bytes, made ahead, from a bare socket',
  metric: 'recordsPerSecond',
  better: 'higher',
  goal: '≥ 3×',
  size: { runs: 7, records: 500_000 },
  prepare: (servers, size) =>
    prepareClients(servers, size, ['produce-backhaul', 'produce-stock', 'produce-ceiling']),
}

/** The same in transactions, as our services write. */
export const transact: Bench = {
  name: 'transact',
  compares: 'our transactional writer with stock kafkajs, transactions of 1,000 records of 500 bytes, gzip',
  metric: 'recordsPerSecond',
  better: 'higher',
  goal: 'printed',
  size: { runs: 7, records: 200_000 },
  prepare: (servers, size) => prepareClients(servers, size, ['transact-backhaul', 'transact-stock']),
}

async function prepareClients(
  ...[{ brokers, registry, children }, { records }, names]: [
    ...Parameters<Bench['prepare']>,
    readonly string[],
  ]
): Promise<{ contenders: Contender[] }> {
  await prepareTopics({ KAFKA_BROKERS: [brokers], TOPIC_PREFIX: PREFIX }, registry)
  const task = { brokers, registry, prefix: PREFIX, records }
  return { contenders: names.map((name) => ({ name, run: () => runClient(children, name, task) })) }
}
