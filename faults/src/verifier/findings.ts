/** The invariants as numbers. All but the counts and seconds must be 0. */
export interface Numbers {
  /** Inputs that were read, and what became of them. */
  readonly inputs: number
  readonly events: number
  readonly returns: number
  readonly waiting: number
  readonly deadLetters: number
  /** I1: acknowledged inputs, returns, versions and dead letters that are not there. */
  readonly lost: number
  /** I2: (return, version) and dead letters that are there more than once. */
  readonly duplicated: number
  /** I3: events and dead letters that follow from no committed input. */
  readonly phantom: number
  /** I4: returns that end otherwise than the oracle, or with a history that no order of inputs explains. */
  readonly wrong: number
  /** I4: minor units too many or too few, by currency. */
  readonly money: Readonly<Record<string, number>>
  /** I5: versions that do not follow the one before. */
  readonly order: number
  /** I6: inputs − (taken + dead letters + unread). */
  readonly unaccounted: number
}

/** A sentence on one violation, to look for its cause. */
export interface Findings {
  readonly numbers: Numbers
  readonly violations: readonly string[]
}

/** What a verifier says that did not come to read anything. */
export const NOTHING_FOUND: Findings = {
  numbers: {
    ...{ inputs: 0, events: 0, returns: 0, waiting: 0, deadLetters: 0 },
    ...{ lost: 0, duplicated: 0, phantom: 0, wrong: 0, money: {}, order: 0, unaccounted: 0 },
  },
  violations: [],
}
