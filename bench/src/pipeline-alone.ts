import { createHash } from 'node:crypto'
import { Codec } from '@backhaul/codec'
import { type TopicName, topics } from '@backhaul/flow'
import { Outbox } from '@backhaul/kafka'
import { type RecordName, recordNames } from '@backhaul/schemas'
import type { LogRecord } from '../../libs/kafka/src/record-batch.ts'
import { decodeRecord } from '../../libs/kafka/src/records.ts'
import { StateTable } from '../../libs/state-store/src/index.ts'
import { Settings } from '../../services/reconciler/src/adapters/settings.ts'
import { type Deps, OrderPipeline } from '../../services/reconciler/src/pipeline.ts'
import { InputEncoder, type InputRecord } from './data/input-record.ts'
import { plainInputs } from './data/plain-inputs.ts'
import { serve } from './serve.ts'
import { serveSettings } from './settings.ts'

const PREFIX = 'alone.'
const STATE_BYTES = 2 ** 31
const RECORDS_PER_TRANSACTION = 1_500
/** Share of the records, the first ones, that does not count. */
const WARM_UP = 0.25

/** What the pipeline took, and made. */
export interface Alone {
  readonly records: number
  readonly cpuMicrosPerRecord: number
  readonly outputs: number
  /** Of all that it wrote but dead letters, which tell the time: two trees with one digest do the same work. */
  readonly digest: string
}

/**
 * The reconciler's pipeline in this process, on the load of the `reconcile` bench: decoding, join, encoding and state, without
 * a broker, sockets and compression. For profiles, and for a first look at what a change costs.
 */
export async function runPipelineAlone(rows: number): Promise<Alone> {
  const registry = await serveRegistry()
  const config = await serveSettings()
  const codec = new Codec(registry.url)
  const physical = (topic: TopicName) => `${PREFIX}${topic}`
  for (const topic of ['return-orders.v1', 'reconciler.order-state.v1'] as const)
    await codec.prepare(physical(topic), topics[topic].record)
  const inputs = [...plainInputs(await InputEncoder.prepare(codec, PREFIX), { rows })]
  const nothing = () => {}
  const states = () => ({ table: new StateTable({ limitBytes: STATE_BYTES }) })
  const deps = {
    kafka: { physical, deadLetterHeaders: () => ({}) },
    codec,
    settings: new Settings(config.url, ''),
    states: { empty: states, wrote: nothing },
    events: new Proxy({}, { get: () => nothing }),
    generation: 1,
  } as unknown as Deps
  const pipelines = new Map<number, OrderPipeline>()
  const digest = createHash('sha256')
  let [outputs, counted, cpu] = [0, 0, process.cpuUsage()]
  for (const [at, { partition, records }] of transactionsOf(inputs).entries()) {
    const isWarm = at * RECORDS_PER_TRANSACTION >= inputs.length * WARM_UP
    if (!isWarm) cpu = process.cpuUsage()
    else counted += records.length
    const pipeline = pipelines.get(partition) ?? new OrderPipeline(partition, deps)
    pipelines.set(partition, pipeline)
    const outbox = new Outbox(codec, 'reconciler', physical)
    pipeline.drop()
    await pipeline.apply(decoded(codec, records), outbox, new Map())
    pipeline.merge(undefined)
    for (const [topic, { byPartition }] of outbox.sends.flatMap((send) => [...send])) {
      for (const { bytes, length } of Object.values(byPartition)) {
        outputs += length
        if (!topic.includes('dead-letters')) digest.update(bytes)
      }
    }
    outbox.release()
  }
  const { user, system } = process.cpuUsage(cpu)
  registry.close()
  config.close()
  return {
    records: counted,
    cpuMicrosPerRecord: (user + system) / counted,
    outputs,
    digest: digest.digest('hex').slice(0, 16),
  }
}

interface Transaction {
  readonly partition: number
  readonly records: InputRecord[]
}

function transactionsOf(inputs: readonly InputRecord[]): Transaction[] {
  const transactions: Transaction[] = []
  const open = new Map<number, Transaction>()
  for (const record of inputs) {
    const { partition } = record
    let transaction = open.get(partition)
    if (!transaction || transaction.records.length === RECORDS_PER_TRANSACTION) {
      transaction = { partition, records: [] }
      open.set(partition, transaction)
      transactions.push(transaction)
    }
    transaction.records.push(record)
  }
  return transactions
}

function* decoded(codec: Codec, records: readonly InputRecord[]) {
  for (const [at, { topic, key, value, partition, timestamp }] of records.entries()) {
    const raw: LogRecord = { offset: BigInt(at), timestamp, key: Buffer.from(key), value, headers: {} }
    yield decodeRecord(codec, topic, partition, raw) as never
  }
}

/** A registry that knows the newest schema of each record, by its place in the list. */
function serveRegistry(): Promise<{ url: string; close(): void }> {
  return serve(async (request, response) => {
    const body = JSON.parse((await request.toArray()).join(''))
    const { name } = JSON.parse(body.schema) as { name: RecordName }
    const id = recordNames.indexOf(name) + 1
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ...body, id }))
  })
}
