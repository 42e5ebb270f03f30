import { readFileSync } from 'node:fs'
import { expect, expectTypeOf, test } from 'vitest'
import { flowFaults, renderDataflow, salesOrderKey, services, topics, type WritesOf } from './index.ts'

test('the flow holds together', () => {
  expect(flowFaults(topics, services)).toEqual([])
})

test('joined topics with unequal partition counts are a fault that names both', () => {
  const uneven = { ...topics, 'sales-orders.v1': { ...topics['sales-orders.v1'], partitions: 6 } }
  expect(flowFaults(uneven, services)).toEqual([
    'reconciler joins topics with unequal partition counts: amazon-return-rows.v1 has 4, sales-orders.v1 has 6',
  ])
})

test('topics that carry a partition number on have as many partitions as the joined ones', () => {
  expect(topics['return-orders.v1'].partitions).toBe(topics['amazon-return-rows.v1'].partitions)
  expect(topics['reconciler.order-state.v1'].partitions).toBe(topics['amazon-return-rows.v1'].partitions)
})

test('RC-12: only the order importer may write sales orders', () => {
  const writers = Object.values(services).filter((s) =>
    (s.writes as readonly string[]).includes('sales-orders.v1'),
  )
  expect(writers.map((s) => s.name)).toEqual(['order-importer'])
  expectTypeOf<'sales-orders.v1'>().not.toExtend<WritesOf<'reconciler'>>()
})

test('a sales order is partitioned by its reference, whatever the reference holds', () => {
  expect(salesOrderKey.partitionBy(salesOrderKey.of('123-1|x', 'channel'))).toBe('123-1|x')
})

test('docs/dataflow.md is current: run npm run generate', () => {
  expect(readFileSync(new URL('../../../docs/dataflow.md', import.meta.url), 'utf8')).toBe(renderDataflow())
})
