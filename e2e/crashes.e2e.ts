import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { randomFrom } from '@backhaul/amazon-simulator'
import { eventually } from '@backhaul/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Audit, auditOf } from './src/audit.ts'
import { giveOrders } from './src/given.ts'
import { returnEverywhere } from './src/returns.ts'
import { Scenario } from './src/scenario.ts'
import { DE, FR, fetchReports, GB, type Seller, setUpSeller } from './src/seller.ts'
import { type Story, startStory } from './src/story.ts'

const SEED = Number(process.env.STORY_SEED ?? randomInt(1_000_000))
const CRASHES_OF_EACH = 3
/** What a service logs when rows have come in: all others have work within a moment. */
const AT_WORK = /"msg":"(rows published|batch stored|range stored)"/
/** A crash comes at any moment of so long a time after that, in milliseconds. */
const MOMENT_MS = 200
const LEAST_CYCLES = 6
/** The longest that a dead writer's transaction holds up readers, and some. */
const PATIENCE_MS = 90_000

let story: Story
let seller: Seller
let scenario: Scenario

beforeAll(async () => {
  // Superseded rows stay, within an insert and after it, so that each can be counted.
  story = await startStory({ optimize_on_insert: '0' })
  await story.clickhouse.command({ query: 'SYSTEM STOP MERGES return_items' })
  seller = await setUpSeller(story, [DE, FR, GB])
  scenario = new Scenario(SEED, seller.channels)
})
afterAll(() => story?.stop())

/** Kills each service several times, in turns and at moments that the seed decides, and starts it again at once. */
async function crashes(random: () => number): Promise<void> {
  const services = Object.values(story.backhaul.services)
  for (let round = 0; round < CRASHES_OF_EACH; round++) {
    const shuffled = services
      .map((service) => ({ service, at: random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ service }) => service)
    for (const service of shuffled) {
      await somebodyWorks()
      await sleep(random() * MOMENT_MS)
      await service.kill()
      await service.start()
    }
  }
}

function somebodyWorks(): Promise<void> {
  const seen = story.logs.length
  return eventually(() => {
    if (!story.logs.slice(seen).some((line) => AT_WORK.test(line)))
      throw new Error('No service does anything')
  }, PATIENCE_MS)
}

/** A service that was killed in a call is asked again, as a caller would. */
const insist = <T>(call: () => Promise<T>) => eventually(call, PATIENCE_MS)

test('I1 to I6: kill -9 of every service at work loses nothing, doubles nothing and changes no cent', async () => {
  console.info(`STORY_SEED=${SEED}`)
  const cycle = async () => {
    story.amazon.givenRows = scenario.rows()
    await Promise.all([
      insist(() => giveOrders(story, scenario.ordersNow())),
      insist(() => fetchReports(story, seller)),
    ])
  }

  let crashing = true
  const crashed = crashes(randomFrom(SEED + 1)).finally(() => {
    crashing = false
  })
  for (let n = 0; crashing || n < LEAST_CYCLES; n++) {
    scenario.moveOn()
    await cycle()
  }
  await crashed
  await Promise.all(Object.values(story.backhaul.services).map((service) => service.ready()))

  scenario.moveOn()
  await cycle()
  // Told after all others, so what is read before them in their partitions is all there is.
  const references = scenario.close()
  await cycle()
  await Promise.all(
    references.map((reference) =>
      eventually(
        () => returnEverywhere(story, reference, ({ link }) => link.status === 'LINKED'),
        PATIENCE_MS,
      ),
    ),
  )
  const { audit, volume } = await auditOf(story, seller, scenario.expected())
  console.info(`STORY_SEED=${SEED}`, volume)
  console.table(audit)
  expect(broken(audit), `STORY_SEED=${SEED} repeats this`).toEqual([])
})

test('the audit sees a return that is gone, a row too many and one cent too much', async () => {
  await story.clickhouse.command({ query: 'INSERT INTO return_items SELECT * FROM return_items LIMIT 1' })
  await story.query(
    `UPDATE returns.return_order_items SET refunded_minor = refunded_minor + 1
     WHERE return_item_id = (SELECT min(return_item_id) FROM returns.return_order_items WHERE refunded_minor > 0)`,
  )
  const nothingRefunded = [...scenario.expected()].filter(([, { refunded }]) =>
    Object.values(refunded).every((minor) => minor === null),
  )
  await story.query('DELETE FROM returns.return_orders WHERE order_reference = $1', [nothingRefunded[0]?.[0]])
  const { audit } = await auditOf(story, seller, scenario.expected())
  expect(broken(audit)).toEqual([
    ['I1 lost, Postgres', 1],
    ['I4 wrong content, Postgres', 1],
    ['I4 cents wrong, Postgres', 1],
    ['I2 doubled or missing, ClickHouse raw rows', 1],
  ])
})

const broken = (audit: Audit) => Object.entries(audit).filter(([, count]) => count !== 0)
