import { type TopicName, topics } from '@backhaul/flow'
import type { KafkaClient } from '@backhaul/kafka'
import { pause, type Waits, waitOut } from '@backhaul/runtime'
import type { Events } from './events.ts'
import type { PartitionState } from './partition-state.ts'

const INPUTS = ['amazon-return-rows.v1', 'sales-orders.v1'] as const
/** How long a copy rests once it has caught up. */
const LOOK_AGAIN_MS = 1_000

/** Positions of one partition; null where nothing was committed. */
export type Committed = ReadonlyMap<TopicName, bigint | null>

export interface StandbyOptions {
  readonly kafka: KafkaClient<'reconciler'>
  readonly events: Events
  /** Brings a copy, or none, closer to what its owner has committed. */
  follow(partition: number, committed: Committed, copy: PartitionState | null): Promise<PartitionState>
}

interface Copy {
  readonly stop: AbortController
  /** What it holds once it has ended. */
  readonly ended: Promise<PartitionState | null>
}

/** A copy that is late is no reason not to be ready. */
const unheard: Waits = { wait() {}, ok() {} }

/**
 * Warm copies of the partitions that other instances own: a partition that comes here then needs only what was committed in
 * the last second. A copy reads as a restore does, and writes nothing.
 */
export class Standby {
  readonly #options: StandbyOptions
  readonly #copies = new Map<number, Copy>()

  constructor(options: StandbyOptions) {
    this.#options = options
  }

  /** Begins with copies of all partitions. */
  start(): void {
    const { partitions } = topics['reconciler.order-state.v1']
    for (let partition = 0; partition < partitions; partition++) this.keep(partition)
  }

  /** Ends the copy of a partition that is this instance's from now on. @returns What it holds; null when there is none. */
  async take(partition: number): Promise<PartitionState | null> {
    const copy = this.#copies.get(partition)
    this.#copies.delete(partition)
    copy?.stop.abort()
    return (await copy?.ended) ?? null
  }

  /** Keeps a copy of a partition that is not this instance's. One that fails is told, and is no more. */
  keep(partition: number): void {
    if (this.#copies.has(partition)) return
    const stop = new AbortController()
    const ended = this.#run(partition, stop.signal).catch((error) => {
      this.#options.events.copyLost(partition, error)
      return null
    })
    this.#copies.set(partition, { stop, ended })
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#copies.keys()].map((partition) => this.take(partition)))
  }

  async #run(partition: number, signal: AbortSignal): Promise<PartitionState | null> {
    const { log } = this.#options.kafka.options
    const part = `copy of partition ${partition}`
    let copy: PartitionState | null = null
    while (!signal.aborted) {
      const before: PartitionState | null = copy
      const next: PartitionState | null | undefined = await waitOut(
        part,
        () => this.#next(partition, before),
        { waits: unheard, log, signal },
      )
      copy = next ?? before
      await pause(LOOK_AGAIN_MS, signal)
    }
    return copy
  }

  async #next(partition: number, copy: PartitionState | null): Promise<PartitionState | null> {
    const { kafka, follow } = this.#options
    const all = await kafka.committed(INPUTS)
    const committed = new Map(all.filter((c) => c.partition === partition).map((c) => [c.topic, c.offset]))
    // A group that has not begun has nothing to be copied.
    const hasBegun = [...committed.values()].some((offset) => offset !== null)
    return hasBegun ? follow(partition, committed, copy) : copy
  }
}
