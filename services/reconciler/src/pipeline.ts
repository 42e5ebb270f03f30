import type { Codec } from '@backhaul/codec'
import { type AmazonReturnRow, Fault, isRetryable, skipReason } from '@backhaul/domain'
import { orderStateKey, type TopicName } from '@backhaul/flow'
import type { InputOf, KafkaClient, Outbox, PartitionProcessor, Positions } from '@backhaul/kafka'
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
    const remembered = new Set<string>()
    for (const observation of observations(records)) {
      const order = await this.#takeAll(observation, outbox)
      if (!order) continue
      await this.#loadSettings(order)
      const changedAt = Math.max(...observation.map((record) => record.timestamp))
      const said = emit(order, this.#configsOf(order.tenantId), {
        generation: this.#deps.generation,
        changedAt,
      })
      this.#store.put(said.order)
      for (const event of said.events) {
        this.#reports.push((events) => events.returnEmitted(event.link.status))
        outbox.write('return-orders.v1', {
          key: event.returnOrderId,
          value: event,
          eventId: `${event.returnOrderId}:${event.generation}:${event.version}`,
          timestamp: event.changedAt,
          partition: this.#partition,
        })
      }
      if (observation[0]?.topic === 'amazon-return-rows.v1' || said.events.length > 0) {
        remembered.add(orderStateKey.of(order.tenantId, order.orderReference))
      }
    }
    this.#remember(remembered, outbox, next)
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
  async #takeAll(records: readonly Input[], outbox: Outbox<'reconciler'>): Promise<KnownOrder | null> {
    let taken: KnownOrder | null = null
    for (const record of records) {
      try {
        if (record.undecodable) throw record.undecodable
        const order = await this.#take(record)
        if (order === 'stale') continue
        this.#store.put(order)
        taken = order
      } catch (error) {
        if (!(error instanceof Fault) || isRetryable(error)) throw error
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

  #remember(
    keys: ReadonlySet<string>,
    outbox: Outbox<'reconciler'>,
    next: ReadonlyMap<TopicName, bigint>,
  ): void {
    const { kafka, codec } = this.#deps
    const rows = kafka.physical('amazon-return-rows.v1')
    const returns = kafka.physical('return-orders.v1')
    for (const order of this.#store.changed()) {
      const key = orderStateKey.of(order.tenantId, order.orderReference)
      if (!keys.has(key)) continue
      const state = toOrderState(
        order,
        next,
        (facts) => codec.encode(rows, facts.row),
        (emitted) => codec.encode(returns, emitted),
      )
      const eventId = `${key}@${[...next.values()].join('-')}`
      const timestamp = Math.max(...[...order.rows.values()].map((r) => r.row.fetchedAt))
      outbox.write('reconciler.order-state.v1', {
        key,
        value: state,
        eventId,
        timestamp,
        partition: this.#partition,
      })
    }
  }

  #reject(record: Input, fault: Fault, outbox: Outbox<'reconciler'>): void {
    this.#reports.push((events) => events.rejected(record, fault))
    // Without the record's own time: retention counts from now. The origin's time is in the headers.
    outbox.writeRaw('dead-letters.reconciler.v1', {
      key: record.raw.key,
      value: record.raw.value,
      headers: this.#deps.kafka.deadLetterHeaders(record, fault, 'reconcile'),
    })
  }
}
