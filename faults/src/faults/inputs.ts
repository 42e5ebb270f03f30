import type { InputTopic } from '../load/inputs.ts'
import { POISON_KINDS, unknownSchema } from '../load/poison.ts'
import type { Verdict } from '../proxy/kafka-proxy.ts'
import type { Fault } from './fault.ts'

const POISONED_RECORDS = 24
/** Of each process: one for each of its partitions. */
const STRUCK_COMMITS = 2
const ROWS_UNDER_NEW_SETTINGS = 40
const REFUSALS = 3
/** Versions that the load never comes to. */
const FIRST_VERSION_OF_FAULTS = 500_000
/** Rows of one transaction of a replay. */
const REPLAYED_TOGETHER = 200

const TOPICS: readonly InputTopic[] = ['amazon-return-rows.v1', 'sales-orders.v1']

/** Poison first, last, in each second place, and alone. */
export const poisonEverywhere: Fault = {
  name: 'poison at all positions',
  kind: 'poison',
  breaks: 'inputs',
  async run(stage) {
    const last = POISONED_RECORDS - 1
    const patterns: ((position: number) => boolean)[] = [
      (position) => position === 0,
      (position) => position === last,
      (position) => position % 2 === 0,
      () => true,
    ]
    for (const topic of TOPICS) {
      for (const isPoison of patterns) {
        await stage.write(stage.faultWorld.poisoned(topic, POISONED_RECORDS, isPoison))
      }
    }
  },
}

/** Each kind of poison first, in the middle and last of a batch. */
export const poisonOfEachKind: Fault = {
  name: 'poison of each kind, first, in the middle and last',
  kind: 'poison',
  breaks: 'inputs',
  async run(stage) {
    for (const topic of TOPICS) {
      for (const kind of POISON_KINDS[topic]) await stage.write(stage.faultWorld.poisonedBy(topic, kind))
    }
  },
}

/** It is asked for again and again, and put aside in the end. */
export const poisonOfUnknownSchema: Fault = {
  name: 'poison under a schema id that nobody knows',
  kind: 'poison',
  breaks: 'inputs',
  async run(stage) {
    for (const topic of TOPICS) await stage.write(stage.faultWorld.poisonedBy(topic, unknownSchema))
  },
}

/** Poison in a transaction whose commit meets with something: its dead letters come once nonetheless. */
const poisonAndCommit = (name: string, verdict: Verdict): Fault => ({
  name,
  kind: 'poison',
  breaks: 'all',
  async run(stage) {
    // All have begun, and are frozen meanwhile, so that the next transaction of each holds poison.
    await stage.caughtUp()
    for (const one of stage.pair) one.freeze()
    await stage.write(stage.faultWorld.poisoned('amazon-return-rows.v1', POISONED_RECORDS, () => true))
    const struck = stage.pair.map(({ proxy }) =>
      proxy.trap({ api: 'EndTxn', side: 'request' }, () => verdict, STRUCK_COMMITS),
    )
    for (const one of stage.pair) one.thaw()
    await Promise.all(struck)
  },
})

export const poisonAndLostCommit = poisonAndCommit('poison in a transaction that is not committed', {
  kind: 'cut',
})

export const poisonAndLateCommit = poisonAndCommit(
  "poison in a transaction whose commit arrives before the successor's InitProducerId",
  { kind: 'late', until: 'InitProducerId' },
)

/** config-service refuses a version in the middle of a batch: the records before it must not count twice, or never. */
export const settingsRefused: Fault = {
  name: 'config-service down in the middle of a batch',
  kind: 'settings',
  breaks: 'inputs',
  async run(stage) {
    const version = FIRST_VERSION_OF_FAULTS + stage.random.below(400_000)
    stage.config.refuse(version, REFUSALS)
    await stage.write(stage.faultWorld.underNewSettings(version, ROWS_UNDER_NEW_SETTINGS))
  },
}

/** Every row that was ever written is written again while new ones come: each says what is known, or is too late. */
export const replayed: Fault = {
  name: 'all rows are written again while it works',
  kind: 'replay',
  breaks: 'inputs',
  async run(stage) {
    const topic = 'amazon-return-rows.v1'
    const rows = stage.log.written(topic)
    for (let at = 0; at < rows.length; at += REPLAYED_TOGETHER) {
      const inputs = rows.slice(at, at + REPLAYED_TOGETHER)
      // Large poison is among them.
      await stage.write({ topic, inputs, aborted: false, isCompressed: true })
    }
  },
}
