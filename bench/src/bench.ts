import type { Samples } from './rounds.ts'
import type { Servers } from './servers.ts'

/** What one run measured, by metric; the unit is in the name. */
export type Sample = Readonly<Record<string, number>>

/** One of those that are measured in turn. */
export interface Contender {
  readonly name: string
  run(): Promise<Sample>
}

/** How large a bench is. */
export interface Size {
  /** Runs of each contender. */
  readonly runs: number
  /** Records of a run: messages, or return rows. */
  readonly records: number
}

/** A bench that is set up. */
export interface Prepared {
  readonly contenders: readonly Contender[]
  /** Why no ratio may be printed, seen from what was measured; undefined where it may. */
  refusal?(samples: Samples): string | undefined
  /** What the figures do not say by themselves, as Markdown, for under the table. */
  note?(samples: Samples): string
  close?(): void | Promise<void>
}

/** A metric, and which of two figures is the better one. */
export interface Compared {
  readonly metric: string
  readonly better: 'higher' | 'lower'
}

/**
 * One bench: contenders measured in turn by the same means. The medians of its metric make the ratio of the first one to
 * each other one.
 */
export interface Bench extends Compared {
  readonly name: string
  /** What is compared, in a line. */
  readonly compares: string
  /** Metrics beside that one whose ratios are shown too. */
  readonly alsoCompared?: readonly Compared[]
  readonly goal: string
  readonly size: Size
  prepare(servers: Servers, size: Size): Promise<Prepared>
}
