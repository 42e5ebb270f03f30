import { execFileSync, spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** The core of what is measured, and that of the broker and of the harness, which paces and watches. */
export const MEASURED_CORE = 0
export const BROKER_CORE = 1

/** False where there is no `taskset` or no second core: then nothing is pinned, and the report says so. */
export const canPin: boolean = availableParallelism() > 1 && spawnSync('taskset', ['-V']).status === 0

/** A command that runs on one core from its start, so that it sizes itself for one. */
export const onCore = (core: number, command: string, args: readonly string[]): [string, string[]] =>
  canPin ? ['taskset', ['-c', String(core), command, ...args]] : [command, [...args]]

/** Moves a running process with all its threads to one core. */
export function moveToCore(core: number, pid: number): void {
  if (canPin) execFileSync('taskset', ['-a', '-c', '-p', String(core), String(pid)])
}
