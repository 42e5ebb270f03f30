import type { Reconciler } from '../stage/reconciler.ts'
import type { Stage } from '../stage/stage.ts'

/** One way to break the running flow. */
export interface Fault {
  readonly name: string
  /** Rows of the fault table in words; see README. */
  readonly kind: FaultKind
  /**
   * What it breaks: one instance, all instances or brokers, or nothing but what is read. Faults that do not break the same
   * thing strike at one time.
   */
  readonly breaks: 'one' | 'all' | 'inputs'
  /** Where it makes sense only with as many brokers. */
  readonly brokers?: 3
  /** Where it makes sense only with instances that are known when they come back. */
  readonly seats?: 'static'
  /**
   * Does the harm. What stays broken, such as a broker, is mended once the flow has recovered in spite of it. What comes
   * of it all is for the verifier.
   *
   * @param one The instance to break.
   */
  run(stage: Stage, one: Reconciler): Promise<void>
}

export type FaultKind =
  | 'kill'
  | 'zombie'
  | 'two owners'
  | 'broker'
  | 'leader'
  | 'network'
  | 'rebalance'
  | 'poison'
  | 'settings'
  | 'registry'
  | 'offsets'
  | 'clock'
  | 'replay'
  | 'corruption'
  | 'snapshot'
