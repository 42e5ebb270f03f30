import type { Random } from '../random.ts'
import type { Plan } from '../round.ts'
import { brokerFrozen, brokerKilled, brokerRestarted } from './brokers.ts'
import { clockJump } from './clocks.ts'
import { bitFlipped } from './corruption.ts'
import type { Fault } from './fault.ts'
import {
  poisonAndLateCommit,
  poisonAndLostCommit,
  poisonEverywhere,
  poisonOfEachKind,
  poisonOfUnknownSchema,
  replayed,
  settingsRefused,
} from './inputs.ts'
import { killAt, killAtRandom, killAtStart, killBoth } from './kills.ts'
import { type Led, leaderFrozen, leaderKilled, leaderStopped } from './leaders.ts'
import { allCut, lateCommit, lost, slowAnswers } from './network.ts'
import { offsetsLost } from './offsets.ts'
import { rebalanceStorm, rollingRestart, twoAtWork, twoOwners, zombie } from './owners.ts'
import { newSchemaId, registryDownAtStart } from './registry.ts'
import {
  snapshotsAged,
  snapshotsAhead,
  snapshotsFlipped,
  snapshotsOfOtherVersion,
  snapshotsSwapped,
  snapshotsTruncated,
} from './snapshots.ts'

const led: readonly Led[] = [
  'amazon-return-rows.v1',
  'return-orders.v1',
  'reconciler.order-state.v1',
  '__transaction_state',
  '__consumer_offsets',
]

/** All faults, each with how often it is drawn in a long run. */
const weighted: readonly (readonly [times: number, fault: Fault])[] = [
  [2, killAt({ api: 'AddPartitionsToTxn', side: 'answer' })],
  [2, killAt({ api: 'Produce', side: 'request' })],
  [2, killAt({ api: 'Produce', side: 'answer' })],
  [2, killAt({ api: 'AddOffsetsToTxn', side: 'answer' })],
  [2, killAt({ api: 'TxnOffsetCommit', side: 'request' })],
  [2, killAt({ api: 'TxnOffsetCommit', side: 'answer' })],
  [2, killAt({ api: 'EndTxn', side: 'request' })],
  [2, killAt({ api: 'EndTxn', side: 'answer' })],
  [1, killAtStart({ api: 'JoinGroup', side: 'answer' })],
  [1, killAtStart({ api: 'InitProducerId', side: 'answer' })],
  [1, killAtStart({ api: 'OffsetFetch', side: 'answer' })],
  [1, killAtStart({ api: 'Fetch', side: 'answer' })],
  [6, killAtRandom],
  [2, killBoth],
  [2, zombie],
  [2, twoOwners],
  [1, twoAtWork],
  [2, brokerKilled],
  [1, brokerRestarted],
  [1, brokerFrozen],
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
  [2, poisonEverywhere],
  [1, poisonOfEachKind],
  [1, poisonOfUnknownSchema],
  [2, poisonAndLostCommit],
  [2, poisonAndLateCommit],
  [3, settingsRefused],
  [1, registryDownAtStart],
  [2, newSchemaId],
  [1, offsetsLost],
  [2, clockJump(1)],
  [2, clockJump(-1)],
  [1, replayed],
  [1, bitFlipped],
  [1, snapshotsFlipped],
  [1, snapshotsTruncated],
  [1, snapshotsSwapped],
  [1, snapshotsOfOtherVersion],
  [1, snapshotsAhead],
  [1, snapshotsAged],
  ...led.flatMap((of): [number, Fault][] => [
    [2, leaderKilled(of)],
    [1, leaderStopped(of)],
    [1, leaderFrozen(of)],
  ]),
]

/** Every fault that there is, once. */
export const catalogue: readonly Fault[] = weighted.map(([, fault]) => fault)

/** One of each kind, quick ones first: what a change of the reconciler must survive before it is merged. */
export const quickFaults: readonly Fault[] = [
  settingsRefused,
  poisonAndLostCommit,
  lost({ api: 'EndTxn', side: 'answer' }),
  lateCommit('InitProducerId'),
  newSchemaId,
  lateCommit('EndTxn'),
  clockJump(-1),
  killAt({ api: 'TxnOffsetCommit', side: 'answer' }),
  lost({ api: 'Produce', side: 'answer' }),
  poisonOfEachKind,
  killAtStart({ api: 'InitProducerId', side: 'answer' }),
  bitFlipped,
  snapshotsFlipped,
  snapshotsAhead,
  brokerKilled,
  brokerFrozen,
  replayed,
  twoOwners,
  twoAtWork,
  rebalanceStorm,
  offsetsLost,
  killBoth,
]

/** Faults that a stage allows, in shuffled order, each as often as its weight, again and again. */
export function drawn(
  random: Random,
  { brokers, seats }: Pick<Plan, 'brokers' | 'seats'>,
  count: number,
): Fault[] {
  const all = weighted.flatMap(([times, fault]) => {
    if (fault.seats && fault.seats !== seats) return []
    // Half of what is broken where there are three brokers are brokers.
    const often = fault.brokers === 3 ? (brokers === 3 ? times * 4 : 0) : times
    return Array.from({ length: often }, () => fault)
  })
  const faults: Fault[] = []
  while (faults.length < count) faults.push(...random.shuffled(all))
  return faults.slice(0, count)
}

/** @throws Error when there is no fault of this name. */
export function faultNamed(name: string): Fault {
  const fault = catalogue.find((one) => one.name === name)
  if (!fault) throw new Error(`No fault is called «${name}»`)
  return fault
}
