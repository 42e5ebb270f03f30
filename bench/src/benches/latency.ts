import { Codec } from '@backhaul/codec'
import { topics } from '@backhaul/flow'
import type { KafkaClient } from '@backhaul/kafka'
import { prepareTopics } from '@backhaul/local'
import { actAs } from '../act-as.ts'
import type { Bench, Contender, Sample } from '../bench.ts'
import { InputEncoder } from '../data/input-record.ts'
import { writeSteadily } from '../data/steady-rows.ts'
import { backhaul } from '../reconcilers/backhaul.ts'
import { kafkaStreams } from '../reconcilers/kafka-streams.ts'
import type { Reconciler, ReconcilerKind } from '../reconcilers/reconciler.ts'
import type { Servers } from '../servers.ts'
import { serveSettings } from '../settings.ts'
import { percentile } from '../statistics.ts'

const ROWS_PER_SECOND = 1_000
/** A share of the rows, the first ones, that does not count: compilers warm up. */
const WARM_UP = 0.3
const FETCH_WAIT_MS = 500
const GIVEN_UP_AFTER_MS = 60_000

/** How old a row is when its ReturnOrder can be read. */
export const latency: Bench = {
  name: 'latency',
  compares: 'a row produced, at 1,000 a second, until its ReturnOrder is readable, read_committed',
  metric: 'p99Ms',
  better: 'lower',
  goal: 'p99 < 300 ms',
  size: { runs: 5, records: 12_000 },
  async prepare(servers, { records }) {
    const settings = await serveSettings()
    let runs = 0
    const contender = (kind: ReconcilerKind): Contender => ({
      name: kind.name,
      run() {
        runs += 1
        return measure(servers, kind, `latency-${runs}.`, records)
      },
    })
    return {
      contenders: [
        contender(backhaul(servers, settings.url)),
        contender(await kafkaStreams(servers, { store: 'memory' })),
      ],
      close: () => settings.close(),
    }
  },
}

async function measure(
  servers: Servers,
  kind: ReconcilerKind,
  prefix: string,
  rows: number,
): Promise<Sample> {
  await prepareTopics({ KAFKA_BROKERS: [servers.brokers], TOPIC_PREFIX: prefix }, servers.registry)
  const kafka = await actAs('reconciler', { ...servers, prefix })
  let reconciler: Reconciler | undefined
  try {
    const encoder = await InputEncoder.prepare(new Codec(servers.registry), prefix)
    reconciler = await kind.start(prefix)
    const reading = readAges(kafka, reconciler.returns, rows)
    await writeSteadily(kafka, encoder, rows, ROWS_PER_SECOND)
    const ages = (await reading).slice(rows * WARM_UP)
    return {
      p50Ms: percentile(ages, 0.5),
      p99Ms: percentile(ages, 0.99),
      maxMs: percentile(ages, 1),
      peakRssMiB: reconciler.usage().peakRssMiB,
    }
  } finally {
    await reconciler?.stop()
    await kafka.close()
  }
}

/** Milliseconds from the time of a row, which its event carries on as `ce_time`, to the reading of the event. */
async function readAges(kafka: KafkaClient<'reconciler'>, topic: string, wanted: number): Promise<number[]> {
  const reader = kafka.partitionReader()
  const ages: number[] = []
  let deadline = performance.now() + GIVEN_UP_AFTER_MS
  try {
    for (let partition = 0; partition < topics['return-orders.v1'].partitions; partition++) {
      await reader.seek(topic, partition, 0n)
    }
    while (ages.length < wanted) {
      for (const { records } of await reader.fetch(FETCH_WAIT_MS)) {
        const now = Date.now()
        for (const { headers } of records) ages.push(now - Date.parse(String(headers.ce_time)))
        if (records.length > 0) deadline = performance.now() + GIVEN_UP_AFTER_MS
      }
      if (performance.now() > deadline) throw new Error(`${ages.length} of ${wanted} events came`)
    }
    return ages
  } finally {
    await reader.close()
  }
}
