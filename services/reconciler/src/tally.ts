import type { Fault } from '@backhaul/domain'
import type { InputRecord } from '@backhaul/kafka'
import type { Events, OrderOutcome, RowOutcome } from './events.ts'

/** What the open transaction will have done: told once it is committed, so that a retry is not counted twice. */
export class Tally {
  readonly #rows = new Map<RowOutcome, number>()
  readonly #orders = new Map<OrderOutcome, number>()
  readonly #emitted = new Map<string, number>()
  #rejected: { record: InputRecord; fault: Fault }[] = []

  row(outcome: RowOutcome): void {
    count(this.#rows, outcome)
  }

  order(outcome: OrderOutcome): void {
    count(this.#orders, outcome)
  }

  emitted(linkStatus: string): void {
    count(this.#emitted, linkStatus)
  }

  rejected(record: InputRecord, fault: Fault): void {
    this.#rejected.push({ record, fault })
  }

  /** Tells it, and begins anew. */
  tell(events: Events): void {
    for (const [outcome, records] of this.#rows) events.rowsRead(outcome, records)
    for (const [outcome, records] of this.#orders) events.ordersRead(outcome, records)
    for (const [linkStatus, returns] of this.#emitted) events.returnsEmitted(linkStatus, returns)
    for (const { record, fault } of this.#rejected) events.rejected(record, fault)
    this.drop()
  }

  drop(): void {
    for (const counts of [this.#rows, this.#orders, this.#emitted]) counts.clear()
    this.#rejected = []
  }
}

const count = <K>(counts: Map<K, number>, key: K) => counts.set(key, (counts.get(key) ?? 0) + 1)
