import { INPUT_HEADER } from '../load/input-log.ts'
import { bytesOf } from '../load/input-writer.ts'
import type { LoadedInput, PoisonInput } from '../load/inputs.ts'
import type { OrderInput, RowInput } from '../oracle/history.ts'
import type { Stage } from '../stage/stage.ts'
import { type ReadRecord, readTopics } from './read-topics.ts'

/** What stands in the input topics, as it was meant when it was written. */
export interface CommittedInputs {
  readonly count: number
  /** Inputs that are no poison. */
  readonly taken: number
  /** By tenant and order reference; each topic in its order. */
  readonly cases: ReadonlyMap<string, { rows: RowInput[]; orders: OrderInput[] }>
  /** Poison by `topic/partition@offset`. */
  readonly poison: ReadonlyMap<string, PoisonInput>
  /** Readings of rows that an event may stand on. */
  readonly readings: ReadonlySet<string>
  /** Inputs that were acknowledged and are not there. */
  readonly lost: readonly string[]
  /** Inputs that were aborted and are there. */
  readonly phantom: readonly string[]
  /** Inputs that stand there with other bytes than were meant. */
  readonly wrong: readonly string[]
}

const INPUTS = ['amazon-return-rows.v1', 'sales-orders.v1'] as const

/** Name of a record by its place. */
export const placeOf = (topic: string, partition: number | string, offset: bigint | string): string =>
  `${topic}/${partition}@${offset}`

/** Reads both input topics and finds each record in the log of the load. */
export async function committedInputs(stage: Stage): Promise<CommittedInputs> {
  const cases = new Map<string, { rows: RowInput[]; orders: OrderInput[] }>()
  const poison = new Map<string, PoisonInput>()
  const readings = new Set<string>()
  const phantom: string[] = []
  const wrong: string[] = []
  const there = new Set<string>()
  let count = 0
  let observation = 0
  let lastDocument = ''
  const caseOf = (tenantId: string, orderReference: string) => {
    const name = `${tenantId}|${orderReference}`
    const known = cases.get(name) ?? { rows: [], orders: [] }
    cases.set(name, known)
    return known
  }
  const read = await readTopics(stage, INPUTS)
  for (const topic of INPUTS) {
    for (const record of read[topic]) {
      const header = record.headers[INPUT_HEADER] ?? ''
      const { aborted, input } = stage.log.find(header)
      count += 1
      there.add(header)
      if (!isAsMeant(stage, record, input))
        wrong.push(`input ${header} has other bytes in ${topic} than were written`)
      if (aborted) phantom.push(`input ${header} was aborted and is in ${topic}`)
      const { timestamp } = input
      if (input.kind === 'poison') {
        lastDocument = ''
        poison.set(placeOf(topic, record.partition, record.offset), input)
      } else if (input.kind === 'row') {
        const { row } = input
        const document = `${record.partition} ${row.tenantId} ${row.orderReference} ${row.reportRunId}`
        if (document !== lastDocument) observation += 1
        lastDocument = document
        readings.add(`${row.rowId} ${row.observedAt} ${row.documentSha256[0]} ${row.rowNumber}`)
        caseOf(row.tenantId, row.orderReference).rows.push({ row, timestamp, observation })
      } else {
        const [orderReference = '', channelId = ''] = input.key.split('|')
        // The load names channels after their tenant.
        const tenantId = channelId.slice(0, channelId.lastIndexOf('-'))
        const state = input.kind === 'order' ? input.order : null
        caseOf(tenantId, orderReference).orders.push({ channelId, state, timestamp })
      }
    }
  }
  const lost: string[] = []
  for (const number of stage.log.acknowledged) {
    for (const index of stage.log.transactions[number]?.inputs.keys() ?? []) {
      if (!there.has(`${number}/${index}`)) lost.push(`input ${number}/${index} was acknowledged and is gone`)
    }
  }
  return { count, taken: count - poison.size, cases, poison, readings, lost, phantom, wrong }
}

function isAsMeant(stage: Stage, { key, value }: ReadRecord, input: LoadedInput): boolean {
  const meant = bytesOf(stage.codec, stage.client.physical, input)
  return key === input.key && (meant && value ? meant.equals(value) : meant === value)
}
