import { Codec } from '@backhaul/codec'
import { topics } from '@backhaul/flow'
import { prepareTopics } from '@backhaul/local'
import { actAs } from '../act-as.ts'
import type { Bench } from '../bench.ts'
import { runClient } from '../client-process.ts'
import { InputEncoder } from '../data/input-record.ts'
import { plainInputs } from '../data/plain-inputs.ts'
import { writeInputs } from '../data/write-inputs.ts'

const PREFIX = 'consume.'

/** Reading from the beginning to the end, read_committed, values left as bytes. */
export const consume: Bench = {
  name: 'consume',
  compares: 'our reader, which checks every CRC, with a stock kafkajs consumer, which checks none',
  metric: 'recordsPerSecond',
  better: 'higher',
  goal: '≥ 2×',
  size: { runs: 7, records: 500_000 },
  async prepare({ brokers, registry, children }, size) {
    await prepareTopics({ KAFKA_BROKERS: [brokers], TOPIC_PREFIX: PREFIX }, registry)
    const kafka = await actAs('reconciler', { brokers, registry, prefix: PREFIX })
    const encoder = await InputEncoder.prepare(new Codec(registry), PREFIX)
    const counts = await writeInputs(kafka, plainInputs(encoder, { rows: size.records }))
    await kafka.close()
    const topic = 'amazon-return-rows.v1'
    const { partitions } = topics[topic]
    const task = { brokers, registry, prefix: PREFIX, records: counts[topic], partitions }
    const contenders = ['consume-backhaul', 'consume-stock'].map((name) => ({
      name,
      run: () => runClient(children, name, task),
    }))
    return { contenders }
  },
}
