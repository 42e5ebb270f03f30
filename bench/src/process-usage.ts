import { readFileSync } from 'node:fs'

/** Ticks of a second in which Linux tells CPU time. Source: `getconf CLK_TCK`, 100 on every common platform. */
const TICKS_PER_SECOND = 100

/** What a process has used so far; NaN where the system is not Linux. */
export interface Usage {
  /** Most memory resident at once. */
  readonly peakRssMiB: number
  /** Processor time, which other programs on the machine do not take part in. */
  readonly cpuSeconds: number
}

export function usageOf(pid: number): Usage {
  try {
    const [, kib] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    // Fields 14 and 15, counted behind the name in brackets, which is the second and may hold spaces.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const ticks = Number(fields[11]) + Number(fields[12])
    return { peakRssMiB: Number(kib) / 1024, cpuSeconds: ticks / TICKS_PER_SECOND }
  } catch {
    return { peakRssMiB: Number.NaN, cpuSeconds: Number.NaN }
  }
}
