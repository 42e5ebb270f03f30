import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DE, documentOf, type Ground, reportRow, startGround } from './fetcher.ts'

let ground: Ground

beforeAll(async () => {
  ground = await startGround()
  ground.amazon.worldReturns = false
  await ground.start()
})
afterAll(() => ground.close())

const good = documentOf([reportRow()])

test.each([
  ['not a returns report', Buffer.from('settlement-id\tamount\n1\t2'), /a settlement report/],
  ['empty', Buffer.alloc(0), /an empty document/],
  ['cut gzip', gzipSync(good).subarray(0, -9), /cut or damaged/],
] as const)(
  'C8: a document that is %s is quarantined with the reason, nothing is published, the next one is read',
  async (_, bytes, words) => {
    const integration = ground.integration()
    ground.amazon.givenDocuments.set(DE, [
      { bytes: Buffer.from(bytes), charset: 'UTF-8', gzip: false },
      { bytes: Buffer.from(good), charset: 'UTF-8', gzip: false },
    ])
    const [bad] = await ground.allEnded(integration, 1)
    expect(bad).toMatchObject({ state: 'QUARANTINED', error: expect.stringMatching(words), counts: null })
    expect(await ground.published(integration)).toEqual([])
    expect((await ground.announced(integration)).at(-1)).toMatchObject({
      state: 'QUARANTINED',
      error: bad?.error,
    })
    expect(await ground.fetchNow(integration)).toMatchObject([{ state: 'PUBLISHED', counts: { new: 1 } }])
    ground.config.integrations = []
    expect(ground.failures).toEqual([])
  },
)

test('a document with a header and no rows is a proven empty', async () => {
  const integration = ground.integration()
  ground.amazon.givenDocuments.set(DE, [
    { bytes: Buffer.from(documentOf([])), charset: 'UTF-8', gzip: false },
  ])
  const [run] = await ground.allEnded(integration, 1)
  expect(run).toMatchObject({ state: 'EMPTY', error: null, counts: { rowsInDocument: 0 } })
  expect((await ground.announced(integration)).map((r) => r.state)).toEqual(['PLANNED', 'EMPTY'])
})

test('C9: a document that is not in the charset it names is read as what it is', async () => {
  const integration = ground.integration()
  const bytes = Buffer.from(documentOf([reportRow({ 'Item Name': 'Größe' })]), 'latin1')
  ground.amazon.givenDocuments.set(DE, [{ bytes, charset: 'UTF-8', gzip: false }])
  await ground.allEnded(integration, 1)
  expect(await ground.published(integration)).toMatchObject([{ itemName: 'Größe' }])
})
