import type { Codec } from '@backhaul/codec'
import type { TopicName } from '@backhaul/flow'
import type { KafkaClient, Positions } from '@backhaul/kafka'
import { StateTable } from '@backhaul/state-store'
import type { Snapshots } from './adapters/snapshots.ts'
import type { Events } from './events.ts'
import type { PartitionState } from './partition-state.ts'
import { catchUp, follow, type Read } from './restore.ts'
import { type Committed, Standby } from './standby.ts'

export interface PartitionStatesOptions {
  readonly kafka: KafkaClient<'reconciler'>
  readonly codec: Codec
  readonly events: Events
  /** Null: no snapshots, every start rebuilds from Kafka. */
  readonly snapshots: Snapshots | null
  readonly snapshotEveryMs: number
  /** Most memory of one partition's state. */
  readonly limitBytes: number
  /** True to keep warm copies of the partitions that other instances own. */
  readonly standby: boolean
}

/** A partition that is being worked on. */
interface Open {
  readonly table: StateTable
  /** Where to read the changelog on; all before is in the table. */
  changelogNext: bigint
  /** When the last snapshot was begun, on the process's clock, and what it stands on. */
  snapshotAt: number
  snapshotOf: ReadonlyMap<TopicName, bigint>
  writing: Promise<void> | null
}

/** The states of this instance's partitions: where they come from at a start, and what is kept of them for the next one. */
export class PartitionStates {
  readonly #options: PartitionStatesOptions
  readonly #open = new Map<number, Open>()

  readonly #standby: Standby | null

  constructor(options: PartitionStatesOptions) {
    const { kafka, events, standby } = options
    this.#options = options
    this.#standby = standby
      ? new Standby({ kafka, events, follow: (...copied) => this.#follow(...copied) })
      : null
  }

  empty(): PartitionState {
    const { limitBytes } = this.#options
    return { table: new StateTable({ limitBytes }), changelogNext: 0n, ordersNext: null, inputs: new Map() }
  }

  /** Begins with the warm copies, where they are wanted. */
  start(): void {
    this.#standby?.start()
  }

  async stop(): Promise<void> {
    await this.#standby?.stop()
  }

  /**
   * The state as of the committed positions: from a warm copy or a snapshot where one is of use, and from Kafka.
   *
   * @throws Fault as `catchUp`.
   */
  async restore(partition: number, committed: Positions): Promise<PartitionState> {
    const { events, snapshots } = this.#options
    const began = performance.now()
    await this.#open.get(partition)?.writing
    const copy = (await this.#standby?.take(partition)) ?? null
    const snapshot = copy ? null : ((await snapshots?.read(partition, committed)) ?? null)
    const known = copy ?? snapshot ?? this.empty()
    const { state, states, orders }: Read = await catchUp(this.#options, partition, committed, known)
    const seconds = (performance.now() - began) / 1000
    const from = copy ? 'standby' : snapshot ? 'snapshot' : 'kafka'
    events.restored(partition, { from, keys: state.table.size, states, orders, seconds })
    const snapshotOf = snapshot?.inputs ?? new Map()
    this.#open.set(partition, {
      table: state.table,
      changelogNext: state.changelogNext,
      snapshotAt: performance.now(),
      snapshotOf,
      writing: null,
    })
    return state
  }

  /**
   * A transaction has been committed.
   *
   * @param changelogNext Offset behind the last record that it wrote into the changelog. The broker is not asked where the
   *   changelog ends: an owner that is none any more would hear of records that its state does not have.
   */
  wrote(partition: number, changelogNext: bigint): void {
    const open = this.#open.get(partition)
    if (open) open.changelogNext = changelogNext
  }

  /** Between two transactions: reports the state, and writes a snapshot when one is due, or at the end of a session. */
  checkpoint(
    partition: number,
    next: ReadonlyMap<TopicName, bigint>,
    ending: boolean,
  ): Promise<void> | undefined {
    const { events, snapshots, snapshotEveryMs } = this.#options
    const open = this.#open.get(partition)
    if (!open) return undefined
    const { table } = open
    events.stateHeld(partition, table.size, table.memoryBytes)
    if (ending) return this.#end(partition, open, next)
    const due = performance.now() - open.snapshotAt >= snapshotEveryMs
    return snapshots && due && !open.writing ? this.#write(snapshots, partition, open, next) : undefined
  }

  /** The partition goes, or the process. */
  async #end(partition: number, open: Open, next: ReadonlyMap<TopicName, bigint>): Promise<void> {
    const { snapshots } = this.#options
    this.#open.delete(partition)
    await open.writing
    if (snapshots) await this.#write(snapshots, partition, open, next)
    await open.writing
    this.#standby?.keep(partition)
  }

  async #follow(
    partition: number,
    committed: Committed,
    known: PartitionState | null,
  ): Promise<PartitionState> {
    const { snapshots } = this.#options
    const state = known ?? (await snapshots?.read(partition, committed)) ?? this.empty()
    return follow(this.#options, partition, committed, state)
  }

  async #write(
    snapshots: Snapshots,
    partition: number,
    open: Open,
    next: ReadonlyMap<TopicName, bigint>,
  ): Promise<void> {
    if (isSame(next, open.snapshotOf)) return
    open.snapshotAt = performance.now()
    open.snapshotOf = next
    const written = snapshots.write(partition, open.table, next, open.changelogNext)
    open.writing = written.finally(() => {
      open.writing = null
    })
  }
}

const isSame = (a: ReadonlyMap<TopicName, bigint>, b: ReadonlyMap<TopicName, bigint>): boolean =>
  a.size === b.size && [...a].every(([topic, offset]) => b.get(topic) === offset)
