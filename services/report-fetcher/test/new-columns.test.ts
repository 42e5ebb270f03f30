import { afterAll, beforeAll, expect, test } from 'vitest'
import { DE, type Ground, reportRow, startGround } from './fetcher.ts'

let ground: Ground

beforeAll(async () => {
  ground = await startGround()
  ground.amazon.worldReturns = false
  ground.amazon.givenRows.set(DE as string, [reportRow()])
  await ground.start()
})
afterAll(() => ground.close())

/** Columns of each notice, in the order of the log. */
const notices = (): string[][] =>
  ground.logs
    .map((line) => JSON.parse(line))
    .filter(({ msg }) => msg === 'documents have new columns')
    .map(({ columns }) => columns.toSorted())

const counted = async () =>
  /^fetcher_new_columns_total\S* (\d+)$/m.exec(await (await fetch(`${ground.url()}/metrics`)).text())?.[1]

test('A7: a new column is kept and told once for each account, not for each run; a dropped one is not named', async () => {
  const first = { 'Restocking fee': '1.50', 'Return channel': 'drop-off', 'Buyer name': 'CANARY' }
  const fee = ['Restocking fee', 'Return channel']
  ground.amazon.extraColumns = first
  const integration = ground.integration()
  await ground.allEnded(integration, 1)
  expect(notices()).toEqual([fee])
  expect((await ground.published(integration))[0]?.extra).toEqual({
    'Restocking fee': '1.50',
    'Return channel': 'drop-off',
  })

  await ground.fetchNow(integration)
  const twin = ground.integration({ sellerId: integration.sellerId })
  await ground.allEnded(twin, 1)
  expect(notices()).toEqual([fee])

  ground.amazon.extraColumns = { ...first, 'Scan date': '02-Aug-2026' }
  await ground.fetchNow(integration)
  expect(notices()).toEqual([fee, ['Scan date']])

  await ground.allEnded(ground.integration(), 1)
  expect(notices()).toEqual([fee, ['Scan date'], [...fee, 'Scan date']])
  expect(await counted()).toBe('6')
})
