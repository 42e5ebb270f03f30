import type { Fault } from './faults/fault.ts'
import type { Servers } from './stage/servers.ts'
import { Stage } from './stage/stage.ts'
import type { Findings } from './verifier/findings.ts'
import { verify } from './verifier/verify.ts'

/** Longest that a fault itself may take; its recovery has a limit of its own. */
const FAULT_LIMIT_MS = 90_000

/** What a fault did, and how long until everything before it had come through. */
export interface Injected {
  readonly name: string
  /** I7, in seconds from the moment of the fault; null when the flow did not recover. */
  readonly recoverySeconds: number | null
  /** Why it did not recover, or could not be injected. */
  readonly failure: string | null
}

/** One round: fresh topics, a load, faults one after the other, then the verifier. */
export interface RoundResult {
  readonly seed: number
  readonly injected: readonly Injected[]
  readonly findings: Findings
  /** Reconcilers that ended unasked, by reason. */
  readonly unaskedStops: readonly string[]
  /** Everything that must not be, in words. */
  readonly violations: readonly string[]
}

export interface RoundOptions {
  readonly servers: Servers
  readonly seed: number
  readonly faults: readonly Fault[]
  /** The program of the reconciler. */
  readonly main: string
  readonly tell?: (injected: Injected) => void
}

export async function runRound({ servers, seed, faults, main, tell }: RoundOptions): Promise<RoundResult> {
  const stage = await Stage.open({ servers, seed, main })
  const injected: Injected[] = []
  try {
    await stage.begin()
    for (const fault of faults) {
      const one = await inject(fault, stage)
      injected.push(one)
      tell?.(one)
      if (one.failure) break
    }
    const stuck = injected.some(({ failure }) => failure !== null)
    if (!stuck) await stage.settle()
    else await stage.stopLoad()
    const findings = await verify(stage)
    const unaskedStops = stage.reconcilers.flatMap((one) => one.unaskedStops)
    const violations = [
      ...injected.flatMap(({ name, failure }) => (failure ? [`${name}: ${failure}`] : [])),
      ...unaskedStops.map((reason) => `a reconciler ended unasked: ${reason}`),
      ...findings.violations,
      ...Object.entries(findings.numbers.money).flatMap(([currency, minor]) =>
        minor === 0 ? [] : [`${currency}: ${minor} minor units too many or too few`],
      ),
      ...(findings.numbers.unaccounted === 0
        ? []
        : [`${findings.numbers.unaccounted} inputs unaccounted for`]),
    ]
    return { seed, injected, findings, unaskedStops, violations }
  } finally {
    await stage.close()
  }
}

async function inject(fault: Fault, stage: Stage): Promise<Injected> {
  const began = performance.now()
  const limit = Promise.withResolvers<never>()
  const timer = setTimeout(() => limit.reject(new Error('it could not be injected in time')), FAULT_LIMIT_MS)
  try {
    await Promise.race([fault.run(stage), limit.promise])
    await stage.caughtUp()
    const recoverySeconds = (performance.now() - began) / 1000
    return { name: fault.name, recoverySeconds, failure: null }
  } catch (error) {
    return { name: fault.name, recoverySeconds: null, failure: (error as Error).message }
  } finally {
    clearTimeout(timer)
    for (const one of stage.reconcilers) {
      one.thaw()
      await one.proxy.clear()
    }
  }
}
