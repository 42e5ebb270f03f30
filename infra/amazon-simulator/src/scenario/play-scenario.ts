import type { ReceivedCall } from '../calls.ts'
import type { Simulation } from '../simulation.ts'
import { applyChange } from './apply-change.ts'
import type { Scenario } from './scenario.ts'

/**
 * Brings a simulation to a scenario's beginning, and goes on with its steps as their moments come. In a scenario with a
 * time of its own the sellers' story has no lag.
 */
export function playScenario(simulation: Simulation, scenario: Scenario): void {
  if (scenario.clock) simulation.clock.move(simulation.clock.daysLeft)
  applyChange(simulation, scenario)
  const began = simulation.clock.now()
  const steps = [...scenario.later]
  let calls = 0
  /** A step that waits for calls comes before the first call beyond them. */
  const isDue = ({ after }: Scenario['later'][number], call: ReceivedCall): boolean => {
    if (after.time !== undefined) return simulation.clock.now() - began >= after.time
    const counts = after.operation === undefined || after.operation === call.operation
    return counts && calls >= (after.calls as number)
  }
  simulation.onCall = (call) => {
    for (let [step] = steps; step && isDue(step, call); [step] = steps) {
      applyChange(simulation, step)
      steps.shift()
      calls = 0
    }
    const operation = steps[0]?.after.operation
    if (operation === undefined || operation === call.operation) calls += 1
  }
}
