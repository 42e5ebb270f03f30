import { partitionOf } from '@backhaul/kafka'
import { expect, test } from 'vitest'
import type { InputEncoder } from './input-record.ts'
import { plainInputs } from './plain-inputs.ts'

/** Without Avro: what matters here is what comes when. */
const encoder = {
  row: (row: { rowId: string; orderReference: string }, timestamp: number) => ({
    topic: 'amazon-return-rows.v1',
    key: row.orderReference,
    value: Buffer.from(row.rowId.padEnd(60)),
    partition: 0,
    timestamp,
  }),
  order: (order: { orderReference: string; channelId: string }, timestamp: number) => ({
    topic: 'sales-orders.v1',
    key: `${order.orderReference}|${order.channelId}`,
    value: Buffer.from('order'),
    partition: 0,
    timestamp,
  }),
} as unknown as InputEncoder

const ROWS = 50_000
const records = [...plainInputs(encoder, { rows: ROWS })]
const rows = records.filter((r) => r.topic === 'amazon-return-rows.v1')
const orders = records.filter((r) => r.topic === 'sales-orders.v1')
const whole = rows.filter((r) => r.value?.length === 60)

test('the load has the shares that the bench promises', () => {
  expect(orders).toHaveLength(ROWS / 2.5)
  expect(new Set(whole.map((r) => String(r.value))).size).toBe(ROWS)
  expect((whole.length - ROWS) / ROWS).toBeCloseTo(0.01, 2)
  expect((rows.length - whole.length) / ROWS).toBeCloseTo(0.001, 3)
  const firstRowAt = new Map<string, number>()
  records.forEach((r, at) => {
    if (r.topic === 'amazon-return-rows.v1' && !firstRowAt.has(r.key)) firstRowAt.set(r.key, at)
  })
  const late = records.filter(
    (r, at) => r.topic === 'sales-orders.v1' && (firstRowAt.get(r.key.split('|')[0] ?? '') ?? at) < at,
  )
  expect(late.length / orders.length).toBeCloseTo(0.05, 1)
})

test('records come in the order of their timestamps', () => {
  const times = records.map((r) => r.timestamp)
  expect(times).toEqual([...times].sort((a, b) => a - b))
})

test('the same seed gives the same load, another seed another', () => {
  const again = (seed: number) => [...plainInputs(encoder, { rows: 500, seed })]
  expect(again(7)).toEqual(again(7))
  expect(again(7)).not.toEqual(again(8))
})

test('a load of one partition is as large, and has no order of another', () => {
  const given = [...plainInputs(encoder, { rows: 500, partition: 2 })]
  expect(new Set(given.map(({ topic, key }) => `${topic} ${key}`)).size).toBe(2 * (500 / 2.5))
  for (const { topic, key } of given) expect(partitionOf(topic, key)).toBe(2)
})

test('a load after another has other orders and other rows', () => {
  const [before, behind] = [0, 500].map((after) => [...plainInputs(encoder, { rows: 500, after })])
  const values = new Set(
    before?.map(({ topic, value }) => `${topic} ${value}`).filter((v) => v.includes('row')),
  )
  const rowsBehind = behind?.filter(({ topic }) => topic === 'amazon-return-rows.v1') ?? []
  expect(rowsBehind.length).toBeGreaterThanOrEqual(500)
  expect(rowsBehind.filter(({ topic, value }) => values.has(`${topic} ${value}`))).toEqual([])
  const keys = new Set(before?.map(({ key }) => key))
  expect(behind?.filter(({ key }) => keys.has(key))).toEqual([])
})
