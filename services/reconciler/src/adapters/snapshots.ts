import { join } from 'node:path'
import { Fault } from '@backhaul/domain'
import { DELETE_RETENTION_MS, type TopicName } from '@backhaul/flow'
import type { KafkaClient, Positions } from '@backhaul/kafka'
import { readSnapshot, type StateTable, writeSnapshot } from '@backhaul/state-store'
import type { Events } from '../events.ts'
import type { PartitionState } from '../partition-state.ts'

const CHANGELOG = 'reconciler.order-state.v1'
/** Version of what the table's keys and values are; another one is rebuilt from Kafka. */
const STATE_VERSION = 1
/** Half of the time for which topics tell of deletes: clocks may differ, a restore takes its time. */
const OLDEST_MS = DELETE_RETENTION_MS / 2

export interface SnapshotOptions {
  /** Folder on a disk of this instance's own. */
  readonly folder: string
  readonly generation: number
  readonly limitBytes: number
  readonly kafka: KafkaClient<'reconciler'>
  readonly events: Events
}

/** Copies of the state on disk, for a quick start. Kafka stays the truth: what does not fit it is not used. */
export class Snapshots {
  readonly #options: SnapshotOptions

  constructor(options: SnapshotOptions) {
    this.#options = options
  }

  /** The newest snapshot of use; null when there is none, and the state is rebuilt from Kafka. */
  async read(partition: number, committed: Positions): Promise<PartitionState | null> {
    const { kafka, limitBytes, events } = this.#options
    const changelog = { topic: kafka.physical(CHANGELOG), partition }
    const wanted = { stateVersion: STATE_VERSION, changelog, takenAfterMs: Date.now() - OLDEST_MS }
    const { snapshot, refused } = await readSnapshot(this.#folderOf(partition), wanted, { limitBytes })
    for (const { fault } of refused) events.snapshotRefused(partition, fault)
    if (!snapshot) return null
    const { table, meta, path } = snapshot
    const inputs = new Map(Object.entries(meta.inputs) as [TopicName, bigint][])
    const ordersNext = inputs.get('sales-orders.v1') ?? null
    const state = { table, changelogNext: meta.changelog.nextOffset, ordersNext, inputs }
    const fault = await this.#misfit(partition, committed, state)
    if (!fault) return state
    events.snapshotRefused(partition, new Fault('SNAPSHOT_MISFIT', `Snapshot ${path} is not used: ${fault}`))
    return null
  }

  /**
   * Writes the table as it is now, between two transactions.
   *
   * @param inputs Positions that the state stands on.
   * @param nextOffset Where to read the changelog on.
   * @returns Once it is written, or cannot be. The table may be changed meanwhile.
   */
  async write(
    partition: number,
    table: StateTable,
    inputs: ReadonlyMap<TopicName, bigint>,
    nextOffset: bigint,
  ): Promise<void> {
    const { kafka, events } = this.#options
    const began = performance.now()
    const snapshot = {
      stateVersion: STATE_VERSION,
      changelog: { topic: kafka.physical(CHANGELOG), partition, nextOffset },
      inputs: Object.fromEntries(inputs),
      takenAtMs: Date.now(),
    }
    try {
      const { bytes } = await writeSnapshot(this.#folderOf(partition), table, snapshot)
      events.snapshotWritten(partition, bytes, (performance.now() - began) / 1000)
    } catch (error) {
      events.snapshotFailed(partition, error)
    }
  }

  /** Why a snapshot does not fit what Kafka has; null when it does. */
  async #misfit(
    partition: number,
    committed: Positions,
    { changelogNext, ordersNext, inputs }: PartitionState,
  ): Promise<string | null> {
    const { kafka } = this.#options
    for (const [topic, next] of inputs) {
      const position = committed.get(topic) ?? null
      if (position === null || position < next)
        return `it stands on ${topic}@${next}, the group is at ${position ?? 'no offset'}`
    }
    const held: [Extract<TopicName, typeof CHANGELOG | 'sales-orders.v1'>, bigint][] = [
      [CHANGELOG, changelogNext],
      ['sales-orders.v1', ordersNext ?? 0n],
    ]
    for (const [topic, next] of held) {
      const { earliest, end } = await kafka.bounds(topic, partition)
      if (next > end) return `it goes on from ${topic}@${next}, the log ends at ${end}`
      if (next < earliest) return `it goes on from ${topic}@${next}, the log begins at ${earliest}`
    }
    return null
  }

  /** A rebuild has another generation, and never finds the snapshots of the one before. */
  #folderOf(partition: number): string {
    const { folder, generation, kafka } = this.#options
    return join(folder, kafka.physical(CHANGELOG), `generation-${generation}`, `partition-${partition}`)
  }
}
