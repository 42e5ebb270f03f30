import type { Usage } from '../process-usage.ts'

/** A program that does the reconciler's join, started as a process on the measured core. */
export interface Reconciler {
  readonly name: string
  /** Physical names of what it writes, and the consumer group under which it reads. */
  readonly returns: string
  readonly deadLetters: string
  readonly group: string
  /** Its last words where it ended unasked; null while it runs. */
  ended(): string | null
  /** What it has used since its start. */
  usage(): Usage
  /** Asks it to end and waits; its output so far stays. */
  stop(): Promise<void>
}

/** Starts it on the topics under a prefix; resolves once it reads. */
export interface ReconcilerKind {
  readonly name: string
  start(prefix: string): Promise<Reconciler>
}
