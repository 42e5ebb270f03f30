import { returnRow, salesOrder } from '@backhaul/domain/builders'
import type { InputOf } from '@backhaul/kafka'
import { expect, test } from 'vitest'
import { observations } from './observations.ts'

type Input = InputOf<'reconciler'>

const at = { partition: 0, offset: 0n, timestamp: 0, undecodable: null, raw: null as never }
const row = (given: Parameters<typeof returnRow>[0]): Input => {
  const value = returnRow(given)
  return { ...at, topic: 'amazon-return-rows.v1', key: value.orderReference, value }
}
const order = (): Input => ({ ...at, topic: 'sales-orders.v1', key: 'k', value: salesOrder() })
const sizes = (records: Input[]) => [...observations(records)].map((group) => group.length)

test('R6, RC-03: the rows of one order in one document are one observation', () => {
  expect(
    sizes([row({ rowId: '1' }), row({ rowId: '2' }), row({ rowId: '3', orderReference: 'other' })]),
  ).toEqual([2, 1])
})

test('another document, another tenant, a sales order and bytes nobody can read stand alone', () => {
  const broken: Input = { ...at, topic: 'amazon-return-rows.v1', key: 'k', value: null }
  expect(
    sizes([row({}), row({ reportRunId: 'run-2' }), row({ reportRunId: 'run-2', tenantId: 'tenant-2' })]),
  ).toEqual([1, 1, 1])
  expect(sizes([row({}), order(), order(), row({}), broken, broken, row({})])).toEqual([1, 1, 1, 1, 1, 1, 1])
})

test('no record is lost or moved', () => {
  const records = [row({}), row({ rowId: '2' }), order(), row({ reportRunId: 'run-2' })]
  expect([...observations(records)].flat()).toEqual(records)
})
