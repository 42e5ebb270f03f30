import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { stock } from '../../test/stock-kafkajs.ts'
import { produceRequest } from './one-pass-encoder.ts'

type Request = Parameters<typeof produceRequest>[0]
type Encode = (request: Request) => ReturnType<typeof produceRequest>

const stockRequest = stock<Encode>('kafkajs/src/protocol/requests/produce/v3/request')

const NONE = 0
const GZIP = 1
const NOW = 1_790_000_000_000

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }))
afterEach(() => void vi.useRealTimers())

async function bytesOf(encode: Encode, request: Request): Promise<Buffer> {
  return ((await encode(request).encode()) as unknown as { buffer: Buffer }).buffer
}

async function expectSame(request: Request): Promise<void> {
  const [ours, theirs] = [await bytesOf(produceRequest, request), await bytesOf(stockRequest, request)]
  expect(ours.equals(theirs)).toBe(true)
}

const request = (messages: Request['topicData'][number]['partitions'][number]['messages'], rest = {}) => ({
  acks: -1,
  timeout: 30_000,
  topicData: [{ topic: 'orders', partitions: [{ partition: 3, firstSequence: 17, messages }] }],
  ...rest,
})

const bytes = fc.uint8Array({ maxLength: 300 }).map((b) => Buffer.from(b))
const text = fc.oneof(fc.string({ maxLength: 100 }), fc.string({ unit: 'binary', maxLength: 100 }))
const data = fc.oneof(bytes, text)
const message = fc.record(
  {
    key: fc.option(data),
    value: fc.option(data),
    headers: fc.dictionary(text, fc.oneof(data, fc.array(data, { maxLength: 3 })), { maxKeys: 5 }),
    timestamp: fc.oneof(fc.integer({ min: 0, max: NOW * 2 }), fc.constantFrom(1, 9, 10, NOW)).map(String),
  },
  { requiredKeys: ['key', 'value'] },
)

describe('a produce request is byte for byte that of kafkajs', () => {
  test('for any messages, producers and compressions', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { maxLength: 20 }),
        fc.record({
          compression: fc.constantFrom(NONE, GZIP),
          transactionalId: fc.option(fc.constant('reconciler-0')),
          producerId: fc.constantFrom('-1', '0', '9007199254740993'),
          producerEpoch: fc.constantFrom(0, 32_767),
        }),
        (messages, producer) => expectSame(request(messages, producer)),
      ),
    )
  })

  test.each([
    ['no topic', { ...request([]), topicData: [] }],
    ['no message', request([])],
    ['messages without a time', request([{ value: 'a' }, { value: 'b' }])],
    [
      'a time before that of the first record',
      request([
        { value: 'a', timestamp: '10' },
        { value: 'b', timestamp: '9' },
      ]),
    ],
    [
      'more than 16,384 records',
      request(Array.from({ length: 20_000 }, (_, n) => ({ key: `k${n}`, value: 'v' }))),
    ],
    [
      'records of every length of length',
      request([0, 57, 58, 8_185, 8_186, 2_000_000].map((n) => ({ value: Buffer.alloc(n) }))),
    ],
    ['no acknowledgement', request([{ value: 'a' }], { acks: 0 })],
  ])('with %s', async (_, given) => {
    await expectSame(given)
    expect(produceRequest(given).expectResponse()).toBe(stockRequest(given).expectResponse())
  })

  test('as versions up to 7, which kafkajs builds on it', async () => {
    await import('../internals.ts')
    const { createRequire } = await import('node:module')
    const version7 = createRequire(import.meta.url)(
      'kafkajs/src/protocol/requests/produce/v7/request',
    ) as Encode
    const encoded = version7(request([{ value: 'a' }]))
    expect(encoded).toMatchObject({ apiVersion: 7, apiKey: 0 })
    // Stock kafkajs throws at a header without a value: ours is in use.
    await expect(
      bytesOf(version7, request([{ value: 'a', headers: { empty: undefined } }])),
    ).resolves.toBeInstanceOf(Buffer)
  })
})

test('the checksum is the native one: kafkajs gives the same for any bytes', async () => {
  await import('./native-crc.ts')
  const { createRequire } = await import('node:module')
  const path = 'kafkajs/src/protocol/recordBatch/crc32C'
  const ours = createRequire(import.meta.url)(path) as (b: Buffer) => number
  const theirs = stock<typeof ours>(path)
  expect(ours).not.toBe(theirs)
  fc.assert(fc.property(bytes, (b) => ours(b) === theirs(b)))
})
