import { readFileSync } from 'node:fs'

/** Most memory that a process had resident so far, as Linux tells; NaN elsewhere. */
export function peakRssMiB(pid: number): number {
  try {
    const [, kib] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(kib) / 1024
  } catch {
    return Number.NaN
  }
}
