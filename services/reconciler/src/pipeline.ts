import type { Codec } from '@backhaul/codec'
import { Fault, isRetryable, type OrderState } from '@backhaul/domain'
import { orderStateKey, salesOrderKey, type TopicName } from '@backhaul/flow'
import type { InputOf, KafkaClient, Outbox, PartitionProcessor, Positions, Write } from '@backhaul/kafka'
import type { Settings } from './adapters/settings.ts'
import type { Events } from './events.ts'
import { type KnownOrder, put } from './known-order.ts'
import { Kept, toInputPositions, toOrderState } from './order-state.ts'
import { OrderStore } from './order-store.ts'
import type { PartitionStates } from './partition-states.ts'
import { emit } from './steps/emit.ts'
import { observations } from './steps/observations.ts'
import { takeOrder } from './steps/take-order.ts'
import { rowOutcome, takeRow } from './steps/take-row.ts'
import { Tally } from './tally.ts'

export interface Deps {
  readonly kafka: KafkaClient<'reconciler'>
  readonly codec: Codec
  readonly settings: Settings
  readonly states: PartitionStates
  readonly events: Events
  readonly generation: number
}

type Input = InputOf<'reconciler'>

/** An order with what an observation brought, and as it was before. */
interface Taken {
  readonly before: KnownOrder
  readonly order: KnownOrder
}

/** One partition number: take each record into the order it concerns, say what is new, remember both. */
export class OrderPipeline implements PartitionProcessor<'reconciler'> {
  readonly #partition: number
  readonly #deps: Deps
  readonly #topics: Readonly<Record<'rows' | 'returns' | 'states', string>>
  readonly #tally = new Tally()
  #store: OrderStore

  constructor(partition: number, deps: Deps) {
    const { kafka, codec, states } = deps
    this.#partition = partition
    this.#deps = deps
    this.#topics = {
      rows: kafka.physical('amazon-return-rows.v1'),
      returns: kafka.physical('return-orders.v1'),
      states: kafka.physical('reconciler.order-state.v1'),
    }
    this.#store = new OrderStore(states.empty().table, codec)
  }

  async restore(committed: Positions): Promise<void> {
    const { states, codec } = this.#deps
    const { table } = await states.restore(this.#partition, committed)
    this.#store = new OrderStore(table, codec)
  }

  async apply(
    records: Iterable<Input>,
    outbox: Outbox<'reconciler'>,
    next: ReadonlyMap<TopicName, bigint>,
  ): Promise<void> {
    const inputs = toInputPositions(next)
    for (const observation of observations(records)) {
      // Nearly always all is at hand: a promise for each record would cost as much as the join.
      for (const record of observation) {
        const loading = this.#load(record)
        if (loading) await loading
      }
      const taken = this.#takeAll(observation, outbox)
      if (!taken) continue
      const learning = this.#learn(taken.order)
      if (learning) await learning
      this.#say(observation, taken, outbox, inputs)
    }
  }

  merge(changelogNext: bigint | undefined): void {
    this.#store.merge()
    if (changelogNext !== undefined) this.#deps.states.wrote(this.#partition, changelogNext)
    this.#tally.tell(this.#deps.events)
  }

  drop(): void {
    this.#store.drop()
    this.#tally.drop()
  }

  checkpoint(next: ReadonlyMap<TopicName, bigint>, ending: boolean): Promise<void> | undefined {
    return this.#deps.states.checkpoint(this.#partition, next, ending)
  }

  /** Makes ready what is known of a record's order, and the settings of a row. A promise only where something is missing. */
  #load(record: Input): Promise<unknown> | null {
    if (record.topic !== 'amazon-return-rows.v1') {
      return this.#store.load(salesOrderKey.partitionBy(record.key ?? ''))
    }
    const row = record.value
    const settings = row && this.#deps.settings.load(row.tenantId, row.integrationId, row.configVersion)
    const order = this.#store.load(record.key ?? '')
    return settings && order ? Promise.all([settings, order]) : (settings ?? order)
  }

  /** Takes records of one order into it; bad ones go to the dead letters. Null when nothing changed. */
  #takeAll(records: readonly Input[], outbox: Outbox<'reconciler'>): Taken | null {
    let taken: Taken | null = null
    for (const record of records) {
      try {
        if (record.undecodable) throw record.undecodable
        const order = this.#take(record)
        if (order === 'stale') continue
        const before: KnownOrder = taken?.before ?? this.#store.get(order.tenantId, order.orderReference)
        this.#store.put(order)
        taken = { before, order }
      } catch (error) {
        this.#reject(record, error, outbox)
      }
    }
    return taken
  }

  #take(record: Input): KnownOrder | 'stale' {
    if (record.topic === 'sales-orders.v1') {
      const order = takeOrder(this.#store, record)
      this.#tally.order(order === 'stale' ? 'stale' : record.value ? 'taken' : 'deleted')
      return order
    }
    if (record.topic !== 'amazon-return-rows.v1') throw new Error(`${record.topic} is no input of the join`)
    const { settings, codec } = this.#deps
    const encode = (row: object) => codec.encode(this.#topics.rows, row, this.#store.arena)
    const order = takeRow(this.#store, record, settings, encode)
    this.#tally.row(rowOutcome(order, record, settings))
    return order
  }

  /**
   * Learns what recomputing an order needs: a restart knows no settings yet, a channel may be younger than they are. A promise
   * only where something is missing.
   */
  #learn({ tenantId, rows, salesOrders }: KnownOrder): Promise<unknown> | null {
    if (rows.length === 0) return null
    const { settings } = this.#deps
    let learning: Promise<unknown>[] | undefined
    const wait = (one: Promise<void> | null) => {
      if (!one) return
      learning ??= []
      learning.push(one)
    }
    for (const { facts } of rows) {
      wait(settings.load(tenantId, facts.row.integrationId, facts.row.configVersion))
    }
    for (const { order } of salesOrders) {
      const isMapped = rows.some(({ facts }) => facts.row.channelId === order.channelId)
      if (!isMapped) wait(settings.loadChannel(tenantId, order.channelId))
    }
    return learning ? Promise.all(learning) : null
  }

  /** Writes what is new of an order, with the state that remembers having said it; both, or neither. */
  #say(
    observation: readonly Input[],
    { before, order }: Taken,
    outbox: Outbox<'reconciler'>,
    inputs: OrderState['inputs'],
  ): void {
    const { generation, settings, codec } = this.#deps
    const [first] = observation
    try {
      let changedAt = 0
      for (const { timestamp } of observation) if (timestamp > changedAt) changedAt = timestamp
      const events = emit(before, order, settings, { generation, changedAt })
      if (first?.topic !== 'amazon-return-rows.v1' && events.length === 0) return
      let { said } = order
      const returns = events.map((returnOrder): Write<'reconciler'> => {
        const { returnOrderId, version } = returnOrder
        const bytes = codec.encode(this.#topics.returns, returnOrder, this.#store.arena)
        const at = said.findIndex((one) => one.returnOrderId === returnOrderId)
        said = put(said, at, new Kept(returnOrderId, bytes, codec))
        return {
          topic: 'return-orders.v1',
          key: returnOrderId,
          value: bytes,
          eventId: `${returnOrderId}:${generation}:${version}`,
          timestamp: returnOrder.changedAt,
          partition: this.#partition,
        }
      })
      const state = codec.encode(this.#topics.states, toOrderState(order, said, inputs), this.#store.arena)
      const key = orderStateKey.of(order.tenantId, order.orderReference)
      outbox.writeTogether([
        ...returns,
        {
          topic: 'reconciler.order-state.v1',
          key,
          value: state,
          eventId: `${key}:${first?.topic}@${first?.offset}`,
          timestamp: changedAt,
          partition: this.#partition,
        },
      ])
      this.#store.put({ ...order, said, state })
      for (const { link } of events) this.#tally.emitted(link.status)
    } catch (error) {
      this.#store.put(before)
      for (const record of observation) this.#reject(record, error, outbox)
    }
  }

  /** Known bad data goes to the dead letters. @throws anything else, as it is. */
  #reject(record: Input, fault: unknown, outbox: Outbox<'reconciler'>): void {
    if (!(fault instanceof Fault) || isRetryable(fault)) throw fault
    this.#tally.rejected(record, fault)
    // Without the record's own time: retention counts from now. The origin's time is in the headers.
    outbox.writeRaw('dead-letters.reconciler.v1', {
      key: record.raw.key,
      value: record.raw.value,
      headers: this.#deps.kafka.deadLetterHeaders(record, fault, 'reconcile'),
    })
  }
}
