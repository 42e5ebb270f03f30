/** One text for another. It must be there exactly once: a mutation that no longer applies is a failure, not a pass. */
export interface Replacement {
  readonly file: string
  readonly replace: string
  readonly by: string
}

/** One defence switched off, by other text in files of a copy of the checkout. */
export interface Mutation {
  readonly name: string
  readonly changes: readonly Replacement[]
  /** Names of the faults that must make an invariant fail. */
  readonly faults: readonly string[]
}
