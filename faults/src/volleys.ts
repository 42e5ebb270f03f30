import type { Fault } from './faults/fault.ts'

/** Faults that strike at one time: at most one for each of the two instances, and one in what is read. */
export type Volley = readonly Fault[]

const ROOM: Readonly<Record<Fault['breaks'], number>> = { one: 2, inputs: 1, all: 1 }

/**
 * Puts faults that do not break the same thing together. What breaks everything comes alone, apart from bad input.
 *
 * @returns Each fault once; a volley stands where its first fault stood.
 */
export function volleys(faults: readonly Fault[]): Volley[] {
  const left = [...faults]
  const volleys: Volley[] = []
  for (let first = left.shift(); first; first = left.shift()) {
    const volley = [first]
    for (let at = 0; at < left.length; ) {
      const fault = left[at] as Fault
      if (fits(fault, volley)) volley.push(...left.splice(at, 1))
      else at += 1
    }
    volleys.push(volley)
  }
  return volleys
}

function fits(fault: Fault, volley: Volley): boolean {
  const kinds = [...volley, fault].map(({ breaks }) => breaks)
  const count = (breaks: Fault['breaks']) => kinds.filter((kind) => kind === breaks).length
  if (count('all') > 0 && count('one') > 0) return false
  return count(fault.breaks) <= ROOM[fault.breaks]
}
