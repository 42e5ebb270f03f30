import { Codec } from '@backhaul/codec'
import { Fault } from '@backhaul/domain'
import { returnOrder, salesOrder } from '@backhaul/domain/builders'
import {
  KafkaClient,
  type Outbox,
  type PartitionProcessor,
  type Positions,
  partitionOf,
  type RunningProcessor,
} from '@backhaul/kafka'
import { actAs, eventually, freshTopics, stack } from '@backhaul/testing'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { topicMessagesOf } from '../src/sends.ts'
import { readPartition } from './read-partition.ts'

const TIMESTAMP = 1_790_000_000_000
const PARTITIONS = [0, 1, 2, 3]

let prefix: string
let importer: KafkaClient<'order-importer'>
const running: RunningProcessor[] = []

beforeEach(async () => {
  prefix = (await freshTopics()).prefix
  importer = await actAs('order-importer', prefix)
})

afterEach(async () => {
  await Promise.all(running.splice(0).map((r) => r.stop()))
})

/** Counts the orders of its partition: writes each with its number, and remembers the number in its changelog. */
class Counter implements PartitionProcessor<'reconciler'> {
  readonly #kafka: KafkaClient<'reconciler'>
  readonly #partition: number
  readonly #afterApply: () => void
  #committed = 0
  #open = 0

  constructor(kafka: KafkaClient<'reconciler'>, partition: number, afterApply: () => void = () => {}) {
    this.#kafka = kafka
    this.#partition = partition
    this.#afterApply = afterApply
  }

  async restore(_committed: Positions): Promise<void> {
    for await (const { value } of this.#kafka.readToEnd('reconciler.order-state.v1', this.#partition)) {
      this.#committed = this.#open = value?.inputs[0]?.nextOffset ?? 0
    }
  }

  async apply(
    records: Parameters<PartitionProcessor<'reconciler'>['apply']>[0],
    outbox: Parameters<PartitionProcessor<'reconciler'>['apply']>[1],
  ): Promise<void> {
    const common = { timestamp: TIMESTAMP, partition: this.#partition }
    for (const { key } of records) {
      this.#open += 1
      const returnOrderId = key ?? ''
      outbox.write('return-orders.v1', {
        ...common,
        key: returnOrderId,
        value: returnOrder({ returnOrderId, version: this.#open }),
        eventId: returnOrderId,
      })
    }
    const inputs = [{ topic: 'count', nextOffset: this.#open }]
    outbox.write('reconciler.order-state.v1', {
      ...common,
      key: `tenant|${this.#partition}`,
      value: { tenantId: 'tenant', orderReference: String(this.#partition), rows: [], returns: [], inputs },
      eventId: String(this.#open),
    })
    this.#afterApply()
  }

  merge(): void {
    this.#committed = this.#open
  }

  drop(): void {
    this.#open = this.#committed
  }
}

async function start(
  kafka: KafkaClient<'reconciler'>,
  options: {
    afterApply?: () => void
    create?: (partition: number) => Counter
    fail?: (error: unknown) => void
  } = {},
): Promise<RunningProcessor> {
  const started = await kafka.process({
    inputs: ['amazon-return-rows.v1', 'sales-orders.v1'],
    changelog: 'reconciler.order-state.v1',
    create: options.create ?? ((partition) => new Counter(kafka, partition, options.afterApply)),
    fail: options.fail ?? ((error) => expect.unreachable(String(error))),
  })
  running.push(started)
  return started
}

const orderKeys = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => `order-${from + n}|channel-de`)

/** One transaction each: the processor reads them in many small batches. */
async function writeOrders(keys: readonly string[]): Promise<void> {
  const writer = await importer.transactionalWriter('input')
  for (const key of keys) {
    await writer.transaction((outbox) =>
      outbox.write('sales-orders.v1', {
        key,
        value: salesOrder({ orderReference: key.split('|')[0] as string }),
        eventId: key,
        timestamp: TIMESTAMP,
      }),
    )
  }
  await writer.close()
}

/** Keys and numbers of all outputs, by partition. */
async function outputs(): Promise<{ key: string; version: number }[][]> {
  const codec = new Codec(stack().registry)
  const topic = `${prefix}return-orders.v1`
  return Promise.all(
    PARTITIONS.map(async (partition) => {
      const { records } = await readPartition(importer, topic, partition)
      return Promise.all(
        records.map(async (r) => {
          const { version } = await codec.decode('ReturnOrder', r.value as Buffer)
          return { key: String(r.key), version }
        }),
      )
    }),
  )
}

/** Waits for the outputs of all keys, then wants each once, numbered without a gap: output, state and offsets agree. */
async function expectEachOnce(keys: readonly string[]): Promise<void> {
  await eventually(async () => expect((await outputs()).flat().length).toBeGreaterThanOrEqual(keys.length))
  const byPartition = await outputs()
  expect(
    byPartition
      .flat()
      .map((o) => o.key)
      .sort(),
  ).toEqual([...keys].sort())
  for (const list of byPartition) expect(list.map((o) => o.version)).toEqual(list.map((_, n) => n + 1))
}

const unavailable = () => new Fault('KAFKA_TRANSACTION_UNCERTAIN', 'injected', { retryable: true })

/** Makes every third call fail. */
function everyThird(): () => boolean {
  let calls = 0
  return () => {
    calls += 1
    return calls % 3 === 2
  }
}

/** A client whose transactions fail now and then, before or after they are committed. */
async function failing(
  when: 'before' | 'after',
): Promise<{ kafka: KafkaClient<'reconciler'>; faults: () => number }> {
  const kafka = await actAs('reconciler', prefix)
  const isFaulty = everyThird()
  let faults = 0
  const open = kafka.transactionalWriter.bind(kafka)
  kafka.transactionalWriter = async (id) => {
    const writer = await open(id)
    const commit = writer.commit.bind(writer)
    writer.commit = async (outbox, inputs) => {
      const faulty = isFaulty()
      if (faulty) faults += 1
      if (faulty && when === 'before') throw unavailable()
      const ends = await commit(outbox, inputs)
      if (faulty) throw unavailable()
      return ends
    }
    return writer
  }
  return { kafka, faults: () => faults }
}

test.each(['before', 'after'] as const)(
  'I1, I2: an error %s the commit loses nothing and doubles nothing',
  async (when) => {
    const { kafka, faults } = await failing(when)
    await start(kafka)
    const keys = orderKeys(0, 12)
    await writeOrders(keys)
    await expectEachOnce(keys)
    expect(faults()).toBeGreaterThan(0)
  },
)

test('I1, I2: a retryable fault after apply drops the overlay and what it wrote', async () => {
  const isFaulty = everyThird()
  await start(await actAs('reconciler', prefix), {
    afterApply: () => {
      if (isFaulty()) throw new Fault('CONFIG_DOWN', 'injected', { retryable: true })
    },
  })
  const keys = orderKeys(0, 12)
  await writeOrders(keys)
  await expectEachOnce(keys)
})

test('I1, I2: a bug stops with nothing more committed; a restart goes on where the last commit left off', async () => {
  const kafka = await actAs('reconciler', prefix)
  const before = orderKeys(0, 8)
  await writeOrders(before)
  let applied = 0
  const fail = vi.fn()
  const first = await start(kafka, {
    afterApply: () => {
      applied += 1
      if (applied > 2) throw new TypeError('a bug')
    },
    fail,
  })
  await eventually(() => expect(fail).toHaveBeenCalledWith(expect.any(TypeError)))
  await first.stop()

  const after = orderKeys(8, 12)
  await writeOrders(after)
  await start(await actAs('reconciler', prefix))
  await expectEachOnce([...before, ...after])
})

test('A10, I2: joined partitions go together; a member that leaves hands its own over', async () => {
  const owned = new Map<string, Set<number>>()
  const startAs = async (name: string) => {
    const kafka = await actAs('reconciler', prefix)
    owned.set(name, new Set())
    const started = await kafka.process({
      inputs: ['amazon-return-rows.v1', 'sales-orders.v1'],
      changelog: 'reconciler.order-state.v1',
      create: (partition) => {
        owned.get(name)?.add(partition)
        return new Counter(kafka, partition)
      },
      fail: (error) => expect.unreachable(String(error)),
    })
    running.push(started)
    return started
  }
  const first = await startAs('first')
  const early = orderKeys(0, 6)
  await writeOrders(early)
  await startAs('second')
  const during = orderKeys(6, 12)
  await writeOrders(during)
  await eventually(() => expect(owned.get('second')?.size).toBe(2))
  await first.stop()
  const late = orderKeys(12, 18)
  await writeOrders(late)
  await expectEachOnce([...early, ...during, ...late])
  expect([...(owned.get('second') ?? [])].sort()).toEqual(PARTITIONS)
})

test('A10, I2: partitions that stay where they are work on through a rebalance, without restoring again', async () => {
  const restored: string[] = []
  const startAs = async (name: string) => {
    const kafka = await actAs('reconciler', prefix)
    const started = await kafka.process({
      inputs: ['amazon-return-rows.v1', 'sales-orders.v1'],
      changelog: 'reconciler.order-state.v1',
      create: (partition) => {
        restored.push(`${name}/${partition}`)
        return new Counter(kafka, partition)
      },
      fail: (error) => expect.unreachable(String(error)),
    })
    running.push(started)
  }
  await startAs('first')
  await startAs('second')
  await eventually(() => expect(restored.filter((at) => at.startsWith('second'))).toHaveLength(2))
  const before = orderKeys(0, 8)
  await writeOrders(before)
  await expectEachOnce(before)
  const settled = [...restored]

  const during = orderKeys(8, 24)
  await Promise.all([startAs('third'), writeOrders(during)])
  await eventually(() => expect(restored.filter((at) => at.startsWith('third'))).toHaveLength(1))
  await expectEachOnce([...before, ...during])
  expect(restored.slice(settled.length)).toEqual([expect.stringContaining('third/')])
})

/** Takes the offsets of the stopped group away, as their retention does. */
async function loseOffsets(kafka: KafkaClient<'reconciler'>): Promise<void> {
  const admin = kafka.client.admin()
  await admin.connect()
  await admin.deleteGroups([kafka.group])
  await admin.disconnect()
}

test('C20: a group that has read nothing yet has its offsets all the same; without them it stops, and names what to do', async () => {
  const kafka = await actAs('reconciler', prefix)
  const inputs = ['amazon-return-rows.v1', 'sales-orders.v1'] as const
  const first = await start(kafka)
  await eventually(async () => {
    const offsets = (await kafka.committed(inputs)).map((c) => c.offset)
    expect(offsets).toEqual(Array(8).fill(0n))
  })
  await first.stop()
  await loseOffsets(kafka)
  await writeOrders(orderKeys(0, 4))

  const fail = vi.fn()
  const second = await start(kafka, { fail })
  await eventually(() => expect(fail).toHaveBeenCalledTimes(4))
  await second.stop()
  const [error] = fail.mock.calls[0] as [Fault]
  expect(error.code).toBe('OFFSETS_LOST')
  expect(error.message).toContain(`The group ${kafka.group} has worked on partition`)
  expect(error.message).toContain('npm run offsets -- set')
  expect((await outputs()).flat()).toEqual([])
})

/** A client that says what it waits for. */
function told(given: { brokers?: string; registry?: string; signal?: AbortSignal }) {
  const reasons = new Map<string, string>()
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const kafka = new KafkaClient({
    settings: { KAFKA_BROKERS: (given.brokers ?? stack().kafka).split(','), TOPIC_PREFIX: prefix },
    service: 'reconciler',
    codec: new Codec(given.registry ?? stack().registry),
    log,
    waits: { wait: (part, reason) => reasons.set(part, reason), ok: (part) => reasons.delete(part) },
    appVersion: 'test',
    ...(given.signal && { signal: given.signal }),
  })
  return { kafka, reasons }
}

/** A port where nothing listens. */
const NOWHERE = '127.0.0.1:1'

test('C18: a registry that is down at start is waited for and named; a start that is given up ends', async () => {
  const stop = new AbortController()
  const { kafka, reasons } = told({ registry: `http://${NOWHERE}`, signal: stop.signal })
  const prepared = kafka.prepare()
  await eventually(() => expect(reasons.get('schema registry')).toContain(NOWHERE))
  stop.abort()
  await expect(prepared).rejects.toThrow('aborted')
})

test('C18: brokers that are down at start are waited for and named; a start that is given up ends', async () => {
  const stop = new AbortController()
  const { kafka, reasons } = told({ brokers: NOWHERE, signal: stop.signal })
  const started = kafka.process({
    inputs: ['amazon-return-rows.v1', 'sales-orders.v1'],
    changelog: 'reconciler.order-state.v1',
    create: (partition) => new Counter(kafka, partition),
    fail: (error) => expect.unreachable(String(error)),
  })
  await eventually(() => expect(reasons.get('kafka connection')).toContain('Kafka does not answer'))
  stop.abort()
  await expect(started).rejects.toThrow('aborted')
})

test('C18: a registry that is down while records wait to be decoded is named; stop does not wait for it', async () => {
  const { kafka, reasons } = told({ registry: `http://${NOWHERE}` })
  const [key] = orderKeys(0, 1)
  await writeOrders([key as string])
  const started = await start(kafka)
  const part = `partition ${partitionOf('sales-orders.v1', key as string)}`
  await eventually(() => expect(reasons.get(part)).toContain(NOWHERE))
  await started.stop()
  expect([...reasons.keys()]).toEqual([])
})

test('C20: a first start whose transactions are aborted begins again', async () => {
  const kafka = await actAs('reconciler', prefix)
  await writeOrders(orderKeys(0, 8))
  const open = kafka.transactionalWriter.bind(kafka)
  let left = PARTITIONS.length
  vi.spyOn(kafka, 'transactionalWriter').mockImplementation(async (id) => {
    const writer = await open(id)
    const commit = writer.commit.bind(writer)
    writer.commit = async (outbox, inputs) => {
      if (left === 0 || outbox.sends.length === 0) return commit(outbox, inputs)
      left -= 1
      await sendAndAbort(kafka, outbox.sends)
      throw new Fault('KAFKA_TRANSACTION_UNCERTAIN', 'aborted', { retryable: true })
    }
    return writer
  })
  await start(kafka)
  await eventually(async () => expect((await outputs()).flat()).toHaveLength(8))
  expect(left).toBe(0)
})

test('A10, C20: two instances begin a partition at once: the late one begins again, and neither takes offsets for lost', async () => {
  const [first, second] = [await actAs('reconciler', prefix), await actAs('reconciler', prefix)]
  await writeOrders(orderKeys(0, 8))
  const restoring = Promise.withResolvers<void>()
  const othersHaveBegun = Promise.withResolvers<void>()
  const attempts = new Map<number, number>()
  const slow = (partition: number) => {
    const counter = new Counter(first, partition)
    const restore = counter.restore.bind(counter)
    counter.restore = async (committed) => {
      attempts.set(partition, (attempts.get(partition) ?? 0) + 1)
      if (attempts.size === PARTITIONS.length) restoring.resolve()
      await othersHaveBegun.promise
      return restore(committed)
    }
    return counter
  }
  const fail = vi.fn()
  await start(first, { create: slow, fail })
  await restoring.promise
  // Not a member of the group: it has the partitions that the first one has not been told to leave.
  const join = vi.spyOn(second, 'join').mockImplementation(async (names, { assigned }) => {
    assigned(Object.fromEntries(names.map((name) => [second.physical(name), [...PARTITIONS]])))
    return { leave: async () => {} } as never
  })
  const other = await start(second)
  expect(join).toHaveBeenCalledOnce()
  await eventually(async () => expect((await outputs()).flat()).toHaveLength(8))
  await other.stop()
  othersHaveBegun.resolve()
  await eventually(() => expect([...attempts.values()]).toEqual(PARTITIONS.map(() => 2)))
  await writeOrders(orderKeys(8, 12))
  await eventually(async () => expect((await outputs()).flat()).toHaveLength(12))
  expect(fail).not.toHaveBeenCalled()
})

/** Leaves in the log what a transaction leaves that came to nothing. */
async function sendAndAbort(
  kafka: KafkaClient<'reconciler'>,
  sends: Outbox<'reconciler'>['sends'],
): Promise<void> {
  const transactionalId = `${prefix}aborted-${Math.random()}`
  const producer = kafka.client.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  const transaction = await producer.transaction()
  for (const send of sends) await transaction.sendBatch({ topicMessages: topicMessagesOf(send) })
  await transaction.abort()
  await producer.disconnect()
}
