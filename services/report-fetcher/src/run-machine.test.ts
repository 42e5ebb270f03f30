import { Fault } from '@backhaul/domain'
import type { ProcessingStatus, Report } from '@backhaul/sp-api'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DAY_MS, HOUR_MS, plannedRun, reportOf } from '../test/runs.ts'
import { addsUp, ENDED, NO_ROWS, type ReportRun } from './report-run.ts'
import type { Effect, RunEvent } from './run-events.ts'
import { CANCEL_AFTER_MS, GIVE_UP_AFTER_MS, next, SETTLE_MS, STUCK_AFTER_MS } from './run-machine.ts'

const START = Date.parse('2026-06-01T12:00:00Z')
const LOOK_MS = 15_000
const planned = plannedRun({
  startedAt: START,
  notBefore: START,
  windowFrom: START - 40 * DAY_MS,
  windowTo: START,
  adoptSince: START - 2 * HOUR_MS,
})
const fault = (code: string, retryable: boolean) => new Fault(code, 'what went wrong', { retryable })
const history = { everDone: true, cancelledCycles: 0, cancelledTo: null }
const listed = (reports: Report[] = [], known: string[] = []): RunEvent => ({
  type: 'listed',
  reports,
  known: new Set(known),
  history,
})
const effectsOf = (run: ReportRun, event: RunEvent, now = START) =>
  next(run, event, now, LOOK_MS).effects.map((e) => e.do)

/** What chance decides at each call: how Amazon and everything else answers. */
const chances = fc.record({
  /** At each call: it succeeds, fails before or after it took effect, or the process dies before or after. */
  outcomes: fc.infiniteStream(
    fc.constantFrom(
      'well',
      'well',
      'well',
      'refused',
      'lost before',
      'lost after',
      'dies before',
      'dies after',
    ),
  ),
  statuses: fc.infiniteStream(
    fc.constantFrom<ProcessingStatus>('IN_QUEUE', 'IN_PROGRESS', 'DONE', 'CANCELLED', 'FATAL'),
  ),
  pauses: fc.infiniteStream(fc.constantFrom(1_000, 20_000, 60_000, HOUR_MS)),
  documents: fc.infiniteStream(fc.constantFrom('good', 'good', 'empty', 'bad', 'none')),
  scheduled: fc.boolean(),
})
type Chances = typeof chances extends fc.Arbitrary<infer T> ? T : never

/** Amazon, Kafka and the archive as one run sees them, with all that went wrong. */
class World {
  readonly reports: Report[] = []
  readonly ends: string[] = []
  readonly asked: string[] = []
  crashes = 0
  now = START
  run = planned
  #chances: Chances

  constructor(given: Chances) {
    this.#chances = given
    if (given.scheduled)
      this.reports.push(
        reportOf(planned, {
          ...{ reportId: 'scheduled', reportScheduleId: 'S', processingStatus: 'IN_QUEUE' },
          createdTime: START - HOUR_MS,
        }),
      )
  }

  #draw<T>(stream: fc.Stream<T>): T {
    return stream.next().value as T
  }

  /** One life of a process: from its waking until the run waits, ends, or the process dies. */
  live(): void {
    let moved = next(this.run, { type: 'woken' }, this.now, LOOK_MS)
    for (;;) {
      // Saved, then done.
      this.run = moved.run
      const effect = moved.effects.find((e) => e.do !== 'alert')
      if (!effect) return
      const outcome = this.#draw(this.#chances.outcomes)
      if (outcome === 'dies before' || outcome === 'dies after') this.crashes += 1
      if (outcome === 'dies before') return
      let event: RunEvent
      if (outcome === 'refused')
        event = { type: 'failed', effect: effect.do, fault: fault('SP_API_THROTTLED', true) }
      else if (outcome === 'lost before')
        event = { type: 'failed', effect: effect.do, fault: fault('SP_API_NETWORK', true) }
      else {
        event = this.#do(effect)
        if (outcome === 'dies after') return
        if (outcome === 'lost after')
          event = { type: 'failed', effect: effect.do, fault: fault('SP_API_NETWORK', true) }
      }
      moved = next(this.run, event, this.now, LOOK_MS)
    }
  }

  pass(): void {
    this.now = Math.max(this.now + this.#draw(this.#chances.pauses), this.run.notBefore)
  }

  #do(effect: Effect): RunEvent {
    const { run, reports } = this
    switch (effect.do) {
      case 'begin':
        return { type: 'begun' }
      case 'listReports':
        return listed([...reports], [])
      case 'createReport': {
        const from = run.reportFrom ?? run.windowFrom ?? 0
        const reportId = `report ${reports.length}`
        this.asked.push(`${from}-${run.windowTo}`)
        const report = reportOf(run, { reportId, processingStatus: 'IN_QUEUE', createdTime: this.now })
        reports.push({ ...report, dataStartTime: new Date(from).toISOString() })
        return { type: 'asked', reportId }
      }
      case 'getReport': {
        const at = reports.findIndex((r) => r.reportId === run.reportId)
        const report = reports[at] as Report
        if (report.processingStatus === 'IN_QUEUE' || report.processingStatus === 'IN_PROGRESS')
          reports[at] = {
            ...report,
            processingStatus: this.#draw(this.#chances.statuses),
            reportDocumentId: 'document',
          }
        return { type: 'looked', report: reports[at] as Report }
      }
      case 'cancelReport':
        return { type: 'cancelRequested' }
      case 'explain':
        return { type: 'explained', text: 'Internal error' }
      case 'archive':
        return { type: 'archived', sha256: 'a', bytes: 1 }
      case 'publish':
        return this.#publish()
      case 'end':
        if (!this.ends.includes(run.id)) this.ends.push(run.id)
        return { type: 'ended' }
      default:
        throw new Error(effect.do)
    }
  }

  #publish(): RunEvent {
    const document = this.#draw(this.#chances.documents)
    if (document === 'none')
      return { type: 'failed', effect: 'publish', fault: fault('DOCUMENT_MISSING', false) }
    if (this.run.chunks !== null)
      return { type: 'published', counts: { ...NO_ROWS, unchanged: this.run.position === 0 ? 10 : 0 } }
    const rowsInDocument = document === 'empty' ? 0 : 10
    const rejected: Record<string, number> = document === 'bad' ? { too_few_columns: 5 } : {}
    const counts = { ...NO_ROWS, rowsInDocument, rejected }
    return { type: 'counted', counted: { counts, rejectedRows: [], rowsByDay: {}, chunks: 2 } }
  }
}

test('C6: whatever Amazon answers and wherever the process dies, a run ends, and no range is asked for twice', () => {
  fc.assert(
    fc.property(chances, (given) => {
      const world = new World(given)
      for (let lives = 0; lives < 500 && !ENDED.includes(world.run.state); lives++) {
        world.live()
        world.pass()
      }
      expect(ENDED).toContain(world.run.state)
      expect(world.run.ending).toBeNull()
      expect(world.asked.length).toBe(new Set(world.asked).size)
      expect(world.run.endedAt).not.toBeNull()
      if (world.run.counts) expect(addsUp(world.run.counts)).toBe(true)
      if (world.run.provenTo !== null) expect(['PUBLISHED', 'EMPTY', 'CANCELLED']).toContain(world.run.state)
      expect(next(world.run, { type: 'woken' }, world.now, LOOK_MS).effects).toEqual([])
    }),
    { numRuns: 1_000 },
  )
})

test('C6: 200 crashes at random points: createReport is called once for each range', () => {
  const sum = { crashes: 0, asked: 0, ranges: 0 }
  for (const given of fc.sample(chances, { numRuns: 200, seed: 5 })) {
    const world = new World(given)
    for (let lives = 0; lives < 500 && !ENDED.includes(world.run.state); lives++) {
      world.live()
      world.pass()
    }
    sum.crashes += world.crashes
    sum.asked += world.asked.length
    sum.ranges += new Set(world.asked).size
    if (sum.crashes >= 200) break
  }
  expect(sum.crashes).toBeGreaterThanOrEqual(200)
  expect(sum.asked).toBe(sum.ranges)
  expect(sum.asked).toBeGreaterThan(10)
})

test('C6: a lost answer is looked for before asking again, and asking again waits until Amazon would list it', () => {
  const begun = { ...planned, begun: true }
  const asking = next(begun, listed(), START, LOOK_MS)
  expect(asking).toMatchObject({ run: { triedAt: START }, effects: [{ do: 'createReport' }] })
  // The process dies here.
  expect(effectsOf(asking.run, { type: 'woken' })).toEqual(['listReports'])
  const waiting = next(asking.run, listed(), START + 1_000, LOOK_MS)
  expect(waiting).toMatchObject({ run: { notBefore: START + SETTLE_MS }, effects: [] })
  const own = reportOf(planned, { reportId: 'lost', createdTime: START + 500 })
  expect(next(waiting.run, listed([own]), START + SETTLE_MS, LOOK_MS)).toMatchObject({
    run: { reportId: 'lost', adopted: false, state: 'REQUESTED' },
    effects: [{ do: 'getReport' }],
  })
  expect(effectsOf(waiting.run, listed([own], ['lost']), START + SETTLE_MS)).toEqual(['createReport'])
})

test('SC-20: the report of a schedule is read in place of one of our own, and its window is what it reads', () => {
  const scheduled = reportOf(planned, {
    ...{ reportId: 'scheduled', reportScheduleId: 'S', createdTime: START - HOUR_MS },
    dataEndTime: new Date(START - HOUR_MS).toISOString(),
  })
  const begun = { ...planned, begun: true }
  expect(next(begun, listed([scheduled]), START, LOOK_MS).run).toMatchObject({
    ...{ reportId: 'scheduled', adopted: true, triedAt: null },
    ...{ windowFrom: planned.windowFrom, windowTo: START - HOUR_MS },
  })
  const stale = { ...scheduled, createdTime: new Date(START - 3 * HOUR_MS).toISOString() }
  expect(effectsOf(begun, listed([stale]))).toEqual(['createReport'])
})

test('C3: a report that collided with a schedule is left, and the schedule’s is read', () => {
  const asked: ReportRun = {
    ...planned,
    ...{ begun: true, state: 'IN_PROGRESS', triedAt: START, askedAt: START, reportId: 'own' },
  }
  const partly = reportOf(planned, {
    ...{ reportId: 'scheduled', reportScheduleId: 'S', createdTime: START + 1_000 },
    dataStartTime: new Date(START - DAY_MS).toISOString(),
  })
  expect(next(asked, listed([partly], ['own']), START, LOOK_MS)).toMatchObject({
    run: { reportId: 'scheduled', cancelledClass: 'collided', windowFrom: START - DAY_MS },
    effects: [{ do: 'getReport' }],
  })
})

test('C5: a report that is stuck is told of once, cancelled only while in the queue, and given up after four days', () => {
  const asked: ReportRun = {
    ...planned,
    ...{ begun: true, state: 'IN_PROGRESS', triedAt: START, askedAt: START, reportId: 'own' },
  }
  const look = (run: ReportRun, processingStatus: ProcessingStatus, ageMs: number) => {
    const report = reportOf(run, { processingStatus, createdTime: START })
    return next(run, { type: 'looked', report }, START + ageMs, LOOK_MS)
  }
  expect(look(asked, 'IN_QUEUE', STUCK_AFTER_MS - 1)).toMatchObject({ run: { stuckAt: null }, effects: [] })
  const stuck = look(asked, 'IN_QUEUE', STUCK_AFTER_MS)
  expect(stuck.effects).toEqual([{ do: 'alert' }])
  expect(look(stuck.run, 'IN_QUEUE', STUCK_AFTER_MS + 1).effects).toEqual([])
  expect(look(stuck.run, 'IN_PROGRESS', CANCEL_AFTER_MS).effects).toEqual([])
  const cancelled = look(stuck.run, 'IN_QUEUE', CANCEL_AFTER_MS)
  expect(cancelled.effects).toEqual([{ do: 'cancelReport' }])
  expect(look(cancelled.run, 'IN_QUEUE', CANCEL_AFTER_MS + 1).effects).toEqual([])
  expect(look(stuck.run, 'IN_PROGRESS', GIVE_UP_AFTER_MS).run.ending).toMatchObject({ state: 'FATAL' })
})

test.each([
  ['Internal error while generating the report', false],
  ['Invalid reportOptions: ShowSalesChannel', true],
  [null, false],
])('C4: %s: asked again only after a change of the settings: %s', (text, refused) => {
  const asked: ReportRun = { ...planned, begun: true, state: 'IN_PROGRESS', triedAt: START, reportId: 'own' }
  const { run, effects } = next(asked, { type: 'explained', text }, START, LOOK_MS)
  expect(run.ending).toMatchObject({
    state: 'FATAL',
    refused,
    error: expect.stringContaining(text ?? 'could not'),
  })
  expect(effects).toEqual([{ do: 'end' }])
})
