import type { ReportRun, ReturnOrder } from '@backhaul/domain'
import { newestOf, recordNames } from '@backhaul/schemas'
import { expect, test } from 'vitest'
import { newestType, parseType } from './avro-types.ts'

const item = {
  returnItemId: 'i',
  removed: false,
  link: { status: 'LINKED', reason: null },
  sku: '00123',
  asin: null,
  title: 'Kaffeebecher 12"',
  quantity: 1,
  orderedQuantity: null,
  variationId: null,
  salesOrderItemId: null,
  kitSku: null,
  reason: { raw: null, code: null, returnReasonId: null, mappedByConfigVersion: null },
  refunded: { amountMinor: 1999, currency: 'EUR' },
  orderAmount: null,
  flags: [],
}

test('B9: a calendar date keeps its day through Avro', () => {
  const type = newestType('ReturnOrder')
  const example: ReturnOrder = {
    tenantId: 't',
    returnOrderId: 'r',
    generation: 1,
    version: 2,
    integrationId: 'i',
    configVersion: 1,
    origin: 'integration',
    channelId: 'c',
    marketplaceId: null,
    sellerId: null,
    orderReference: 'o',
    orderSourceRmaId: null,
    merchantRmaId: null,
    link: { status: 'LINKED', reason: null, detail: null, salesOrderId: 's' },
    status: 'open',
    amazonStatus: null,
    resolution: 'refund',
    amazonResolution: null,
    returnType: null,
    requestedOn: '2025-07-14',
    orderedOn: '1969-12-31',
    deliveredOn: null,
    inPolicy: true,
    isPrime: null,
    aToZClaim: false,
    invoiceNumber: null,
    buyerRef: null,
    shipToCountry: 'DE',
    orderSubTypes: [],
    items: [item],
    parcels: [],
    notes: [],
    safeT: null,
    changes: [],
    firstImportedAt: 1_752_451_200_000,
    changedAt: 1_752_451_200_000,
    provenance: [],
  }
  const back = type.fromBuffer(type.toBuffer(example)) as ReturnOrder
  expect(JSON.parse(JSON.stringify(back))).toEqual(example)
})

test('a long beyond 2^53 is refused, never rounded', () => {
  const type = newestType('ReportRun')
  expect(type.isValid({ bytes: 2 ** 60 } as Partial<ReportRun>)).toBe(false)
})

// The registry hands the writer's schema over as text: dates inside unions were unreadable then.
test.each(recordNames)('%s written elsewhere is read through a resolver', (name) => {
  const writer = parseType(JSON.parse(JSON.stringify(newestOf(name))))
  const reader = newestType(name)
  expect(() => reader.createResolver(writer)).not.toThrow()
})

test('B9: a date keeps its day through a resolver, also where the writer called it an int', () => {
  const field = (type: object) => ({ type: 'record', name: 'R', fields: [{ name: 'on', type }] })
  const date = { type: 'int', logicalType: 'date' }
  const reader = parseType(field(['null', date] as never))
  for (const written of [parseType(field(date)), parseType(field(['null', date] as never))]) {
    const bytes = written.toBuffer({ on: '2025-07-14' })
    expect({ ...reader.fromBuffer(bytes, reader.createResolver(written)) }).toEqual({ on: '2025-07-14' })
  }
  const plain = parseType(field({ type: 'int' }))
  const bytes = plain.toBuffer({ on: 20_283 })
  expect({ ...reader.fromBuffer(bytes, reader.createResolver(plain)) }).toEqual({ on: '2025-07-14' })
})
