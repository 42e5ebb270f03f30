import type { Random } from '../random.ts'
import type { Fault } from './fault.ts'
import { poisonAndLostCommit, poisonEverywhere, settingsRefused } from './inputs.ts'
import { killAt, killAtRandom, killAtStart, killBoth } from './kills.ts'
import { allCut, brokerKilled, brokerRestarted, lateCommit, lost, slowAnswers } from './network.ts'
import { offsetsLost } from './offsets.ts'
import { rebalanceStorm, rollingRestart, twoOwners, zombie } from './owners.ts'

/** All faults, each with how often it is drawn in a long run. */
const faults: readonly (readonly [times: number, fault: Fault])[] = [
  [1, killAt({ api: 'AddPartitionsToTxn', side: 'answer' })],
  [1, killAt({ api: 'Produce', side: 'request' })],
  [1, killAt({ api: 'Produce', side: 'answer' })],
  [1, killAt({ api: 'AddOffsetsToTxn', side: 'answer' })],
  [1, killAt({ api: 'TxnOffsetCommit', side: 'request' })],
  [1, killAt({ api: 'TxnOffsetCommit', side: 'answer' })],
  [1, killAt({ api: 'EndTxn', side: 'request' })],
  [1, killAt({ api: 'EndTxn', side: 'answer' })],
  [1, killAtStart({ api: 'JoinGroup', side: 'answer' })],
  [1, killAtStart({ api: 'InitProducerId', side: 'answer' })],
  [1, killAtStart({ api: 'OffsetFetch', side: 'answer' })],
  [1, killAtStart({ api: 'Fetch', side: 'answer' })],
  [4, killAtRandom],
  [2, killBoth],
  [1, zombie],
  [1, twoOwners],
  [2, brokerKilled],
  [1, brokerRestarted],
  [1, lost({ api: 'AddPartitionsToTxn', side: 'answer' })],
  [2, lost({ api: 'Produce', side: 'answer' })],
  [1, lost({ api: 'Produce', side: 'request' })],
  [1, lost({ api: 'AddOffsetsToTxn', side: 'answer' })],
  [2, lost({ api: 'TxnOffsetCommit', side: 'answer' })],
  [2, lost({ api: 'EndTxn', side: 'request' })],
  [3, lost({ api: 'EndTxn', side: 'answer' })],
  [1, lost({ api: 'Fetch', side: 'answer' })],
  [1, lost({ api: 'Heartbeat', side: 'answer' })],
  [3, lateCommit('InitProducerId')],
  [3, lateCommit('EndTxn')],
  [1, slowAnswers],
  [2, allCut],
  [1, rebalanceStorm],
  [1, rollingRestart],
  [1, poisonEverywhere],
  [2, poisonAndLostCommit],
  [2, settingsRefused],
  [1, offsetsLost],
]

/** One of each kind, quick ones first: what a change of the reconciler must survive before it is merged. */
export const quickFaults: readonly Fault[] = [
  settingsRefused,
  poisonAndLostCommit,
  lost({ api: 'EndTxn', side: 'answer' }),
  lateCommit('InitProducerId'),
  lateCommit('EndTxn'),
  killAt({ api: 'TxnOffsetCommit', side: 'answer' }),
  brokerKilled,
  twoOwners,
  rebalanceStorm,
  offsetsLost,
  killBoth,
]

/** Faults for a long run: all of them in shuffled rounds, each as often as its weight. */
export function longFaults(random: Random, count: number): Fault[] {
  const all = faults.flatMap(([times, fault]) => Array.from({ length: times }, () => fault))
  const drawn: Fault[] = []
  while (drawn.length < count) drawn.push(...random.shuffled(all))
  return drawn.slice(0, count)
}

/** @throws Error when there is no fault of this name. */
export function faultNamed(name: string): Fault {
  const [, fault] = faults.find(([, one]) => one.name === name) ?? []
  if (!fault) throw new Error(`No fault is called «${name}»`)
  return fault
}
