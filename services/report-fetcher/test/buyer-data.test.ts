import { readdir } from 'node:fs/promises'
import { topics } from '@backhaul/flow'
import { eventually } from '@backhaul/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ArchiveConfig, openArchive } from '../src/adapters/archive.ts'
import { DE, documentOf, type Ground, reportRow, startGround } from './fetcher.ts'

/** Every column of Amazon's orders, FBA and older reports that holds buyer data, and some that were made up. */
const BUYER_COLUMNS =
  `buyer-email buyer-name buyer-phone-number recipient-name ship-address-1 ship-address-2 ship-address-3
  ship-city ship-state ship-postal-code ship-country cpf buyer-identification-number buyer-identification-type
  buyer-requested-cancel-reason customer-comments bill-address-1 bill-city bill-country gift-message-text
  delivery-instructions purchase-order-number tax-id vat-number Käufername Telefon Straße PLZ Ort Nom-du-client
  Return-comment Name Contact Address Phone`.split(/\s+/)

let ground: Ground

beforeAll(async () => {
  ground = await startGround()
  ground.amazon.worldReturns = false
  await ground.start()
})
afterAll(() => ground.close())

const canary = (n: number) =>
  n % 3 === 0 ? `canary${n}@example.com` : n % 3 === 1 ? `CANARY_${n}` : `Canary ${n} Street`
const canaries = Object.fromEntries(BUYER_COLUMNS.map((column, n) => [column, canary(n)]))

/** Every byte that left the fetcher. */
async function bytesLeft(): Promise<string> {
  const kept: Buffer[] = []
  for (const topic of ['amazon-return-rows.v1', 'report-runs.v1'] as const) {
    for (let partition = 0; partition < topics[topic].partitions; partition++) {
      const reader = ground.runsReader.partitionReader()
      const name = ground.runsReader.physical(topic)
      await reader.seek(name, partition, 0n)
      const end = await reader.latest(name, partition)
      for (let next = 0n; next < end; ) {
        for (const batch of await reader.fetch(100)) {
          next = batch.nextOffset
          for (const { key, value, headers } of batch.records)
            kept.push(key ?? Buffer.alloc(0), value ?? Buffer.alloc(0), Buffer.from(JSON.stringify(headers)))
        }
      }
      await reader.close()
    }
  }
  const { rows: tables } = await ground.postgres.query(
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'fetcher'",
  )
  for (const { table_name } of tables) {
    const { rows } = await ground.postgres.query(`SELECT t::text AS text FROM fetcher.${table_name} t`)
    kept.push(...rows.map((row) => Buffer.from(row.text)))
  }
  const archive = openArchive(ground.environment as unknown as ArchiveConfig)
  for (const file of await readdir(ground.archive, { recursive: true })) {
    const [sha256] = /[0-9a-f]{64}/.exec(file) ?? []
    if (sha256) kept.push(...(await Array.fromAsync(archive.read(sha256), (piece) => Buffer.from(piece))))
  }
  const metrics = await (await fetch(`${ground.url()}/metrics`)).text()
  return [...kept.map((bytes) => bytes.toString('latin1')), ...ground.logs, metrics].join('\n')
}

test('A9: what stands in a buyer column, and each secret, is found in no topic, table, log, metric or archived document', async () => {
  const integration = ground.integration()
  ground.amazon.extraColumns = canaries
  ground.amazon.givenRows.set(DE, [reportRow({ 'Item Name': 'harmless-marker' })])
  await ground.allEnded(integration, 1)

  const columns = [...BUYER_COLUMNS.slice(0, 9), ...Object.keys(reportRow()), ...BUYER_COLUMNS.slice(9)]
  const row = { ...reportRow(), ...canaries }
  const document = documentOf(
    [row, { ...row, 'Order ID': '303-0000000-0000001' }, ...Array(8).fill(row)],
    columns,
  )
  const [header, ...lines] = document.split('\n')
  // Rows with a cell too few and a cell too many: buyer data stands in columns that are kept.
  const shifted = [header, ...lines.slice(0, -2), lines[0]?.split('\t').slice(4).join('\t'), `x\t${lines[0]}`]
  const { body } = await ground.import(integration, shifted.join('\n'))
  expect(await ground.ended(body.reportRunId)).toMatchObject({ state: 'PUBLISHED' })
  const refused = await ground.import(integration, document.replace('Order ID', 'canary'))
  expect(refused.status).toBe(422)
  expect(refused.body.detail.toLowerCase()).not.toContain('canary')
  const mostlyBad = await ground.import(
    integration,
    [header, ...Array(5).fill(`${lines[0]}\tcanary`)].join('\n'),
  )
  expect((await ground.ended(mostlyBad.body.reportRunId)).state).toBe('QUARANTINED')

  const left = await eventually(bytesLeft)
  expect(left).toContain('harmless-marker')
  expect([...left.matchAll(/.{0,80}canary.{0,20}/gi)].map(String)).toEqual([])
  // Nor a secret: access tokens, keys, addresses of documents, which anybody can read from.
  const { ARCHIVE_KEYS, SERVICE_API_KEY, DATABASE_URL } = ground.environment
  const tokens = [...ground.amazon.accessTokens.keys()]
  const addresses = [...ground.amazon.addresses.keys()]
  expect(Math.min(tokens.length, addresses.length)).toBeGreaterThan(0)
  const secrets = [...tokens, ...addresses, ARCHIVE_KEYS?.split(':')[1], SERVICE_API_KEY, DATABASE_URL]
  for (const secret of secrets) expect(left.includes(secret as string)).toBe(false)
})
