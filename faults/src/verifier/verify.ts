import type { ReturnOrder } from '@backhaul/domain'
import { settingsVersion } from '../load/settings.ts'
import { CaseOracle } from '../oracle/history.ts'
import type { ExpectedReturn } from '../oracle/returns.ts'
import type { Stage } from '../stage/stage.ts'
import { type CommittedInputs, committedInputs } from './committed-inputs.ts'
import { verifyDeadLetters } from './dead-letters.ts'
import type { Findings } from './findings.ts'
import { MoneySums } from './money-sums.ts'
import { readTopics } from './read-topics.ts'

const OUTPUT = 'return-orders.v1'
const DEAD_LETTERS = 'dead-letters.reconciler.v1'

/** Recounts a settled stage: reads its topics whole and compares them with what the input log must give. */
export async function verify(stage: Stage): Promise<Findings> {
  const inputs = await committedInputs(stage)
  const read = await readTopics(stage, [OUTPUT, DEAD_LETTERS])
  const deadLetters = verifyDeadLetters(stage, inputs, read[DEAD_LETTERS])
  const events = await Promise.all(
    read[OUTPUT].map(({ value }) => stage.codec.decode('ReturnOrder', value as Buffer)),
  )
  const history = verifyHistories(inputs, events)
  const lost = inputs.lost.length + deadLetters.lost.length + history.lost.length
  return {
    numbers: {
      inputs: inputs.count,
      events: events.length,
      returns: history.returns,
      waiting: history.waiting,
      deadLetters: deadLetters.count,
      lost,
      duplicated: deadLetters.duplicated.length + history.duplicated.length,
      phantom: inputs.phantom.length + deadLetters.phantom.length + history.phantom.length,
      wrong: inputs.wrong.length + deadLetters.wrong.length + history.wrong.length,
      money: history.money,
      order: history.order.length,
      unaccounted: inputs.count - inputs.taken - deadLetters.distinct - (await unread(stage)),
    },
    violations: [
      ...inputs.lost,
      ...inputs.phantom,
      ...inputs.wrong,
      ...Object.values(deadLetters).flatMap((value) => (Array.isArray(value) ? value : [])),
      ...history.lost,
      ...history.duplicated,
      ...history.phantom,
      ...history.wrong,
      ...history.order,
    ],
  }
}

/** Inputs behind the committed offsets, as offsets: none in a settled stage. */
async function unread(stage: Stage): Promise<number> {
  let left = 0n
  for (const { topic, partition, offset } of await stage.client.committed([
    'amazon-return-rows.v1',
    'sales-orders.v1',
  ])) {
    left += (await stage.client.endOffset(topic as 'sales-orders.v1', partition)) - (offset ?? 0n)
  }
  return Number(left)
}

interface HistoryFindings {
  returns: number
  waiting: number
  lost: string[]
  duplicated: string[]
  phantom: string[]
  wrong: string[]
  order: string[]
  money: Record<string, number>
}

function verifyHistories(
  { cases, readings }: CommittedInputs,
  events: readonly ReturnOrder[],
): HistoryFindings {
  const found: HistoryFindings = {
    ...{ returns: 0, waiting: 0, money: {} },
    ...{ lost: [], duplicated: [], phantom: [], wrong: [], order: [] },
  }
  const sums = new MoneySums()
  const byCase = Map.groupBy(events, caseOf)
  for (const [name, said] of byCase) {
    if (!cases.has(name)) found.phantom.push(`${said.length} event(s) of ${name}, which no input names`)
  }
  for (const [name, inputs] of cases) {
    const said = byCase.get(name) ?? []
    const oracle = new CaseOracle(inputs, settingsVersion)
    const before = found.duplicated.length + found.order.length
    checkVersions(said, found)
    for (const event of said) {
      const unread = event.provenance.filter((p) => !readings.has(readingOf(p)))
      if (unread.length > 0) found.phantom.push(`${nameOf(event)} stands on a row that was never committed`)
    }
    const last = new Map(said.map((event) => [event.returnOrderId, event]))
    const expected = oracle.final()
    for (const one of expected) checkEnd(one, last.get(one.returnOrderId), oracle, found, sums)
    const isOrderly = found.duplicated.length + found.order.length === before
    if (isOrderly && !oracle.explains(said))
      found.wrong.push(`${name}: no order of its inputs gives its events`)
    found.returns += expected.length
  }
  return { ...found, money: sums.differences() }
}

/** Versions 1, 2, 3 … of each return in the order of the log, each once. */
function checkVersions(events: readonly ReturnOrder[], found: HistoryFindings): void {
  const versions = new Map<string, Set<number>>()
  let before = new Map<string, number>()
  for (const event of events) {
    const seen = versions.get(event.returnOrderId) ?? new Set()
    if (seen.has(event.version)) found.duplicated.push(`${nameOf(event)} is there twice`)
    else if (event.version !== (before.get(event.returnOrderId) ?? 0) + 1)
      found.order.push(`${nameOf(event)} follows version ${before.get(event.returnOrderId) ?? 0}`)
    versions.set(event.returnOrderId, seen.add(event.version))
    before = before.set(event.returnOrderId, event.version)
  }
  for (const [id, seen] of versions) {
    const highest = Math.max(...seen)
    if (seen.size < highest)
      found.lost.push(`${id}: ${highest - seen.size} of ${highest} versions are missing`)
  }
}

function checkEnd(
  expected: ExpectedReturn,
  last: ReturnOrder | undefined,
  oracle: CaseOracle,
  found: HistoryFindings,
  sums: MoneySums,
): void {
  sums.expect(expected.items)
  if (!last) {
    found.lost.push(`${expected.returnOrderId} was never said`)
    return
  }
  sums.see(last.items)
  if (last.link.status === 'WAITING') found.waiting += 1
  if (!oracle.isTrue(expected, last)) found.wrong.push(`${nameOf(last)} ends otherwise than its inputs`)
}

const caseOf = (event: ReturnOrder) => `${event.tenantId}|${event.orderReference}`

const nameOf = (event: ReturnOrder) => `${event.returnOrderId} version ${event.version}`

const readingOf = (p: { rowId: string; observedAt: number; documentSha256: string; rowNumber: number }) =>
  `${p.rowId} ${p.observedAt} ${p.documentSha256[0]} ${p.rowNumber}`
