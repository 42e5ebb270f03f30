import type { Codec } from '@backhaul/codec'
import { type AmazonReturnRow, Fault, isRetryable, skipReason } from '@backhaul/domain'
import { orderStateKey, salesOrderKey, type TopicName } from '@backhaul/flow'
import type { InputOf, KafkaClient, Outbox, PartitionProcessor, Positions, Write } from '@backhaul/kafka'
import type { Settings } from './adapters/settings.ts'
import type { Events, RowOutcome } from './events.ts'
import type { KnownOrder } from './known-order.ts'
import { toOrderState } from './order-state.ts'
import { OrderStore } from './order-store.ts'
import type { PartitionStates } from './partition-states.ts'
import { emit } from './steps/emit.ts'
import { observations } from './steps/observations.ts'
import { takeOrder } from './steps/take-order.ts'
import { takeRow } from './steps/take-row.ts'

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
  #store: OrderStore
  /** What the open transaction will have done: told once it is committed, so that a retry is not counted twice. */
  #reports: ((events: Events) => void)[] = []

  constructor(partition: number, deps: Deps) {
    this.#partition = partition
    this.#deps = deps
    this.#store = new OrderStore(deps.states.empty().table, deps.codec)
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
    for (const observation of observations(records)) {
      const taken = await this.#takeAll(observation, outbox)
      if (!taken) continue
      const learning = this.#learn(taken.order)
      if (learning) await learning
      this.#say(observation, taken, outbox, next)
    }
  }

  merge(changelogNext: bigint | undefined): void {
    this.#store.merge()
    if (changelogNext !== undefined) this.#deps.states.wrote(this.#partition, changelogNext)
    for (const report of this.#reports) report(this.#deps.events)
    this.#reports = []
  }

  drop(): void {
    this.#store.drop()
    this.#reports = []
  }

  checkpoint(next: ReadonlyMap<TopicName, bigint>, ending: boolean): Promise<void> | undefined {
    return this.#deps.states.checkpoint(this.#partition, next, ending)
  }

  /** Takes records of one order into it; bad ones go to the dead letters. Null when nothing changed. */
  async #takeAll(records: readonly Input[], outbox: Outbox<'reconciler'>): Promise<Taken | null> {
    let taken: Taken | null = null
    for (const record of records) {
      try {
        if (record.undecodable) throw record.undecodable
        const loading = this.#load(record)
        if (loading) await loading
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

  /** Makes ready what is known of a record's order, and the settings of a row. A promise only where something is missing. */
  #load(record: Input): Promise<void> | null {
    const { settings } = this.#deps
    if (record.topic !== 'amazon-return-rows.v1') {
      return this.#store.load(salesOrderKey.partitionBy(record.key ?? ''))
    }
    const row = record.value
    const loading = row && settings.load(row.tenantId, row.integrationId, row.configVersion)
    const known = this.#store.load(record.key ?? '')
    return loading && known ? Promise.all([loading, known]).then(() => {}) : (loading ?? known)
  }

  #take(record: Input): KnownOrder | 'stale' {
    if (record.topic === 'sales-orders.v1') {
      const order = takeOrder(this.#store, record)
      const outcome = order === 'stale' ? 'stale' : record.value ? 'taken' : 'deleted'
      this.#reports.push((events) => events.orderRead(outcome))
      return order
    }
    if (record.topic !== 'amazon-return-rows.v1') throw new Error(`${record.topic} is no input of the join`)
    const { settings, codec, kafka } = this.#deps
    const row = record.value
    const configOf = (integrationId: string, version: number) =>
      settings.get(row?.tenantId ?? '', integrationId, version)
    const rowsTopic = kafka.physical('amazon-return-rows.v1')
    const order = takeRow(this.#store, record, configOf, (merged) => codec.encode(rowsTopic, merged))
    const outcome = this.#outcomeOf(order, row)
    this.#reports.push((events) => events.rowRead(outcome))
    return order
  }

  #outcomeOf(order: KnownOrder | 'stale', row: AmazonReturnRow | null): RowOutcome {
    const facts = order === 'stale' || !row ? undefined : order.rows.get(row.rowId)?.facts
    if (!facts) return 'stale'
    if (facts.imported) return 'imported'
    const { tenantId, integrationId, configVersion } = facts.row
    const skipped = skipReason(facts.row, this.#deps.settings.get(tenantId, integrationId, configVersion))
    return skipped ? `skipped_${skipped}` : 'imported'
  }

  /**
   * Learns what recomputing an order needs: a restart knows no settings yet, a channel may be younger than they are. A promise
   * only where something is missing.
   */
  #learn({ tenantId, rows, salesOrders }: KnownOrder): Promise<unknown> | null {
    const { settings } = this.#deps
    const loading: (Promise<void> | null)[] = []
    const mapped = new Set<string>()
    for (const { facts } of rows.values()) {
      const { integrationId, configVersion, channelId } = facts.row
      loading.push(settings.load(tenantId, integrationId, configVersion))
      mapped.add(channelId)
    }
    if (rows.size === 0) return null
    for (const channelId of salesOrders.keys()) {
      if (!mapped.has(channelId)) loading.push(settings.loadChannel(tenantId, channelId))
    }
    return loading.some((one) => one !== null) ? Promise.all(loading) : null
  }

  /** Writes what is new of an order, with the state that remembers having said it; both, or neither. */
  #say(
    observation: readonly Input[],
    { before, order }: Taken,
    outbox: Outbox<'reconciler'>,
    next: ReadonlyMap<TopicName, bigint>,
  ): void {
    const { generation, settings, codec, kafka } = this.#deps
    const changedAt = observation.reduce((latest, { timestamp }) => Math.max(latest, timestamp), 0)
    try {
      const events = emit(before, order, settings, { generation, changedAt })
      const [first] = observation
      if (first?.topic !== 'amazon-return-rows.v1' && events.length === 0) return
      const returnsTopic = kafka.physical('return-orders.v1')
      const said = new Map(order.said)
      const writes: Write<'reconciler'>[] = []
      for (const returnOrder of events) {
        const { returnOrderId, version } = returnOrder
        const bytes = codec.encode(returnsTopic, returnOrder)
        said.set(returnOrderId, { bytes, returnOrder })
        writes.push({
          topic: 'return-orders.v1',
          key: returnOrderId,
          value: bytes,
          eventId: `${returnOrderId}:${generation}:${version}`,
          timestamp: returnOrder.changedAt,
          partition: this.#partition,
        })
      }
      const state = codec.encode(
        kafka.physical('reconciler.order-state.v1'),
        toOrderState({ ...order, said }, next),
      )
      const key = orderStateKey.of(order.tenantId, order.orderReference)
      writes.push({
        topic: 'reconciler.order-state.v1',
        key,
        value: state,
        eventId: `${key}:${first?.topic}@${first?.offset}`,
        timestamp: changedAt,
        partition: this.#partition,
      })
      outbox.writeTogether(writes)
      this.#store.put({ ...order, said, state })
      for (const { link } of events) this.#reports.push((reported) => reported.returnEmitted(link.status))
    } catch (error) {
      this.#store.put(before)
      for (const record of observation) this.#reject(record, error, outbox)
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
