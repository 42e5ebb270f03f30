/** One text for another. It must be there exactly once: a mutation that no longer applies is a failure, not a pass. */
export interface Replacement {
  readonly replace: string
  readonly by: string
}

/** One defence switched off, by other text in a file of a copy of the checkout. */
export interface Mutation extends Replacement {
  readonly name: string
  readonly file: string
  /** Another text, of the same file unless it names one. */
  readonly also?: Replacement & { readonly file?: string }
  /** Names of the faults that must make an invariant fail. */
  readonly faults: readonly string[]
}
