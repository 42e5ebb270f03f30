import type { Stage } from '../stage/stage.ts'

/** One way to break the running flow. */
export interface Fault {
  readonly name: string
  /** Rows of the fault table in words; see README. */
  readonly kind: FaultKind
  /** Does the harm and takes it back. What comes of it is for the verifier. */
  run(stage: Stage): Promise<void>
}

export type FaultKind =
  | 'kill'
  | 'zombie'
  | 'two owners'
  | 'broker'
  | 'network'
  | 'rebalance'
  | 'poison'
  | 'settings'
  | 'offsets'
