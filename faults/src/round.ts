import type { Fault, FaultKind } from './faults/fault.ts'
import type { Reconciler } from './stage/reconciler.ts'
import type { Servers } from './stage/servers.ts'
import { type Seats, Stage } from './stage/stage.ts'
import { type Findings, NOTHING_FOUND } from './verifier/findings.ts'
import { verify } from './verifier/verify.ts'
import { type Volley, volleys } from './volleys.ts'
import { within } from './within.ts'

/** Longest that each step may take, so that nothing that hangs stops a run. Each is many times what it takes. */
const OPEN_LIMIT_MS = 120_000
const FAULT_LIMIT_MS = 90_000
const MEND_LIMIT_MS = 90_000
const SETTLE_LIMIT_MS = 120_000
const VERIFY_LIMIT_MS = 180_000
const CLOSE_LIMIT_MS = 60_000

/** What a fault did, and how long until everything before it had come through. */
export interface Injected {
  readonly name: string
  readonly kind: FaultKind
  /** I7, in seconds from the moment of the fault; null when the flow did not recover. */
  readonly recoverySeconds: number | null
  /** Why it did not recover, or could not be injected. */
  readonly failure: string | null
}

/** What is played, and on which stage: the same plan gives the same inputs and the same faults. */
export interface Plan {
  readonly seed: number
  readonly faults: readonly Fault[]
  readonly brokers: 1 | 3
  readonly seats: Seats
}

/** One round: fresh topics, a load, faults in volleys, then the verifier. */
export interface RoundResult {
  readonly plan: Plan
  readonly injected: readonly Injected[]
  readonly findings: Findings
  /** Reconcilers that ended unasked, by reason. */
  readonly unaskedStops: readonly string[]
  /** Everything that must not be, in words. */
  readonly violations: readonly string[]
}

export interface RoundOptions extends Plan {
  readonly servers: Servers
  /** The program of the reconciler. */
  readonly main: string
  readonly tell?: (injected: Injected) => void
}

/** Plays a round to its end, whatever hangs or fails in it: that counts as a violation, and its logs are kept. */
export async function runRound({ servers, main, tell, ...plan }: RoundOptions): Promise<RoundResult> {
  const injected: Injected[] = []
  const failures: string[] = []
  let findings = NOTHING_FOUND
  /** Does one step; undefined when it failed. */
  const step = async <T>(what: string, limitMs: number, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await within('it', limitMs, work())
    } catch (error) {
      failures.push(`${what}: ${(error as Error).message}`)
      return undefined
    }
  }
  const stage = await step('opening the stage', OPEN_LIMIT_MS, () => Stage.open({ ...plan, servers, main }))
  const violations = () => [
    ...failures,
    ...injected.flatMap(({ name, failure }) => (failure ? [`${name}: ${failure}`] : [])),
    ...(stage?.unaskedStops.map((reason) => `a reconciler ended unasked: ${reason}`) ?? []),
    ...violationsOf(findings),
  ]
  if (stage) {
    await step('the first start', OPEN_LIMIT_MS, () => stage.begin())
    for (const volley of failures.length === 0 ? volleys(plan.faults) : []) {
      const struck = await strike(volley, stage)
      injected.push(...struck)
      for (const one of struck) tell?.(one)
      if (struck.some(({ failure }) => failure !== null)) break
    }
    const isStuck = violations().length > stage.unaskedStops.length
    await step('the end of the load', SETTLE_LIMIT_MS, () => (isStuck ? stage.stopLoad() : stage.settle()))
    findings = (await step('the verifier', VERIFY_LIMIT_MS, () => verify(stage))) ?? NOTHING_FOUND
    if (violations().length === 0) await step('taking away topics', CLOSE_LIMIT_MS, () => stage.forget())
    await step('closing the stage', CLOSE_LIMIT_MS, () => stage.close())
  }
  return { plan, injected, findings, unaskedStops: stage?.unaskedStops ?? [], violations: violations() }
}

/** Strikes with all faults of a volley, and waits until the flow has recovered from all. */
async function strike(volley: Volley, stage: Stage): Promise<Injected[]> {
  const victims = stage.random.shuffled(stage.pair)
  const struck = await Promise.all(
    volley.map(async (fault): Promise<Injected> => {
      const victim = (fault.breaks === 'inputs' ? stage.pair[0] : victims.pop()) as Reconciler
      const { name, kind } = fault
      const began = performance.now()
      try {
        await within('the fault', FAULT_LIMIT_MS, fault.run(stage, victim))
        await within('the recovery', FAULT_LIMIT_MS, stage.caughtUp())
        return { name, kind, recoverySeconds: (performance.now() - began) / 1000, failure: null }
      } catch (error) {
        return { name, kind, recoverySeconds: null, failure: (error as Error).message }
      }
    }),
  )
  try {
    await within('mending', MEND_LIMIT_MS, stage.mend())
    return struck
  } catch (error) {
    return struck.map((one) => ({ ...one, failure: one.failure ?? (error as Error).message }))
  }
}

function violationsOf({ numbers, violations }: Findings): string[] {
  const money = Object.entries(numbers.money).filter(([, minor]) => minor !== 0)
  return [
    ...violations,
    ...money.map(([currency, minor]) => `${currency}: ${minor} minor units too many or too few`),
    ...(numbers.unaccounted === 0 ? [] : [`${numbers.unaccounted} inputs unaccounted for`]),
  ]
}
