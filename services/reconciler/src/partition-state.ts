import type { TopicName } from '@backhaul/flow'
import type { StateTable } from '@backhaul/state-store'

/** The committed state of one partition, and how far it goes. */
export interface PartitionState {
  readonly table: StateTable
  /** Where to read the changelog on; all before is in the table. */
  readonly changelogNext: bigint
  /** Where to read the sales orders on; null: from the first there is. */
  readonly ordersNext: bigint | null
  /** Positions of the inputs that the state stands on; none for an empty one. */
  readonly inputs: ReadonlyMap<TopicName, bigint>
}
