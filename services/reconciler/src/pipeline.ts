import type { Codec } from '@backhaul/codec'
import { type AmazonReturnRow, Fault, isRetryable, skipReason } from '@backhaul/domain'
import { orderStateKey, type TopicName } from '@backhaul/flow'
import type { InputOf, KafkaClient, Outbox, PartitionProcessor, Positions, Write } from '@backhaul/kafka'
import type { Settings } from './adapters/settings.ts'
import type { Events, RowOutcome } from './events.ts'
import { toOrderState } from './order-state.ts'
import { type KnownOrder, OrderStore } from './order-store.ts'
import { restore } from './restore.ts'
import { emit } from './steps/emit.ts'
import { observations } from './steps/observations.ts'
import { takeOrder } from './steps/take-order.ts'
import { takeRow } from './steps/take-row.ts'

export interface Deps {
  readonly kafka: KafkaClient<'reconciler'>
  readonly codec: Codec
  readonly settings: Settings
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
  readonly #store = new OrderStore()
  /** What the open transaction will have done: told once it is committed, so that a retry is not counted twice. */
  #reports: ((events: Events) => void)[] = []

  constructor(partition: number, deps: Deps) {
    this.#partition = partition
    this.#deps = deps
  }

  async restore(committed: Positions): Promise<void> {
    const { kafka, codec, events } = this.#deps
    const began = performance.now()
    const { states, orders } = await restore(kafka, codec, this.#partition, committed, this.#store)
    events.restored(this.#partition, states, orders, (performance.now() - began) / 1000)
  }

  async apply(
    records: readonly Input[],
    outbox: Outbox<'reconciler'>,
    next: ReadonlyMap<TopicName, bigint>,
  ): Promise<void> {
    for (const observation of observations(records)) {
      const taken = await this.#takeAll(observation, outbox)
      if (!taken) continue
      await this.#loadSettings(taken.order)
      this.#say(observation, taken, outbox, next)
    }
  }

  merge(): void {
    this.#store.merge()
    for (const report of this.#reports) report(this.#deps.events)
    this.#reports = []
  }

  drop(): void {
    this.#store.drop()
    this.#reports = []
  }

  /** Takes records of one order into it; bad ones go to the dead letters. Null when nothing changed. */
  async #takeAll(records: readonly Input[], outbox: Outbox<'reconciler'>): Promise<Taken | null> {
    let taken: Taken | null = null
    for (const record of records) {
      try {
        if (record.undecodable) throw record.undecodable
        const order = await this.#take(record)
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

  async #take(record: Input): Promise<KnownOrder | 'stale'> {
    const { settings } = this.#deps
    if (record.topic === 'sales-orders.v1') {
      const order = takeOrder(this.#store, record)
      const outcome = order === 'stale' ? 'stale' : record.value ? 'taken' : 'deleted'
      this.#reports.push((events) => events.orderRead(outcome))
      return order
    }
    if (record.topic !== 'amazon-return-rows.v1') throw new Error(`${record.topic} is no input of the join`)
    const row = record.value
    if (row) await settings.load(row.tenantId, row.integrationId, row.configVersion)
    const order = takeRow(this.#store, record, this.#configsOf(row?.tenantId ?? ''))
    const outcome = this.#outcomeOf(order, row)
    this.#reports.push((events) => events.rowRead(outcome))
    return order
  }

  #outcomeOf(order: KnownOrder | 'stale', row: AmazonReturnRow | null): RowOutcome {
    const facts = order === 'stale' || !row ? undefined : order.rows.get(row.rowId)
    if (!facts) return 'stale'
    if (facts.imported) return 'imported'
    const { tenantId, integrationId, configVersion } = facts.row
    const skipped = skipReason(facts.row, this.#deps.settings.get(tenantId, integrationId, configVersion))
    return skipped ? `skipped_${skipped}` : 'imported'
  }

  /** What is needed to recompute an order: a restart knows no settings yet, a channel may be younger than they are. */
  async #loadSettings({ tenantId, rows, salesOrders }: KnownOrder): Promise<void> {
    const { settings } = this.#deps
    const mapped = new Set<string>()
    for (const { row } of rows.values()) {
      await settings.load(tenantId, row.integrationId, row.configVersion)
      mapped.add(row.channelId)
    }
    if (rows.size === 0) return
    for (const channelId of salesOrders.keys()) {
      if (!mapped.has(channelId)) await settings.loadChannel(tenantId, channelId)
    }
  }

  readonly #configsOf = (tenantId: string) => (integrationId: string, version: number) =>
    this.#deps.settings.get(tenantId, integrationId, version)

  /** Writes what is new of an order, with the state that remembers having said it; both, or neither. */
  #say(
    observation: readonly Input[],
    { before, order }: Taken,
    outbox: Outbox<'reconciler'>,
    next: ReadonlyMap<TopicName, bigint>,
  ): void {
    const { generation } = this.#deps
    const changedAt = Math.max(...observation.map((record) => record.timestamp))
    const said = emit(order, this.#configsOf(order.tenantId), { generation, changedAt })
    const writes: Write<'reconciler'>[] = said.events.map((event) => ({
      topic: 'return-orders.v1',
      key: event.returnOrderId,
      value: event,
      eventId: `${event.returnOrderId}:${event.generation}:${event.version}`,
      timestamp: event.changedAt,
      partition: this.#partition,
    }))
    const [first] = observation
    try {
      if (first?.topic === 'amazon-return-rows.v1' || said.events.length > 0) {
        writes.push(this.#state(said.order, `${first?.topic}@${first?.offset}`, next))
      }
      outbox.writeTogether(writes)
      this.#store.put(said.order)
      for (const event of said.events) {
        this.#reports.push((events) => events.returnEmitted(event.link.status))
      }
    } catch (error) {
      this.#store.put(before)
      for (const record of observation) this.#reject(record, error, outbox)
    }
  }

  /** The derived state of an order, for the changelog. @param cause The input that it follows from. */
  #state(order: KnownOrder, cause: string, next: ReadonlyMap<TopicName, bigint>): Write<'reconciler'> {
    const { kafka, codec } = this.#deps
    const rows = kafka.physical('amazon-return-rows.v1')
    const returns = kafka.physical('return-orders.v1')
    const key = orderStateKey.of(order.tenantId, order.orderReference)
    return {
      topic: 'reconciler.order-state.v1',
      key,
      value: toOrderState(
        order,
        next,
        (facts) => codec.encode(rows, facts.row),
        (emitted) => codec.encode(returns, emitted),
      ),
      eventId: `${key}:${cause}`,
      timestamp: Math.max(...[...order.rows.values()].map((r) => r.row.fetchedAt)),
      partition: this.#partition,
    }
  }

  /** Known bad data goes to the dead letters. @throws anything else, as it is. */
  #reject(record: Input, fault: unknown, outbox: Outbox<'reconciler'>): void {
    if (!(fault instanceof Fault) || isRetryable(fault)) throw fault
    this.#reports.push((events) => events.rejected(record, fault))
    // Without the record's own time: retention counts from now. The origin's time is in the headers.
    outbox.writeRaw('dead-letters.reconciler.v1', {
      key: record.raw.key,
      value: record.raw.value,
      headers: this.#deps.kafka.deadLetterHeaders(record, fault, 'reconcile'),
    })
  }
}
