import { execFileSync } from 'node:child_process'

/** A process by its number and start, so that a number used again is never mistaken for it. */
export interface ProcessIdentity {
  readonly pid: number
  readonly startedAt: string
}

/** Start of a process as `ps` tells it; null when there is none. */
export function startOf(pid: number): string | null {
  try {
    const told = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
    const [state = '', ...start] = told.split(/\s+/)
    return state.startsWith('Z') || start.length === 0 ? null : start.join(' ')
  } catch {
    return null
  }
}

export const identityOf = (pid: number): ProcessIdentity => ({ pid, startedAt: startOf(pid) ?? '' })

export const isAlive = ({ pid, startedAt }: ProcessIdentity): boolean =>
  startedAt !== '' && startOf(pid) === startedAt
