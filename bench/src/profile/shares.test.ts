import { expect, test } from 'vitest'
import { categoryOf } from './classify.ts'
import { type CpuProfile, type Frame, stackTimes } from './cpu-profile.ts'
import { sharesOf, topFunctions } from './shares.ts'

const frame = (functionName: string, url = ''): Frame => ({ functionName, url })
const root = frame('(root)')

test.each([
  [
    'decode',
    [
      frame('utf8Slice'),
      frame('readAmazonReturnRow'),
      frame('decode', 'file:///libs/codec/src/codec.ts'),
      frame('apply', 'file:///services/reconciler/src/pipeline.ts'),
    ],
  ],
  [
    'encode',
    [
      frame('processChunkSync', 'node:zlib'),
      frame('zstdCompress', 'file:///libs/kafka/src/fixes/zstd-codec.ts'),
    ],
  ],
  [
    'decode',
    [frame('processChunkSync', 'node:zlib'), frame('readRecords', 'file:///libs/kafka/src/record-batch.ts')],
  ],
  ['encode', [frame('StringType._write', 'file:///avsc/lib/types.js')]],
  ['join', [frame('hash', 'node:internal/crypto/hash'), frame('uuidOf', 'file:///libs/domain/src/uuid.ts')]],
  ['io', [frame('writeBuffer'), frame('send', 'file:///kafkajs/src/network/connection.js')]],
  [
    'gc',
    [frame('(garbage collector)'), frame('reconcile', 'file:///libs/domain/src/reconcile/reconcile.ts')],
  ],
  ['other', [frame('(program)'), root]],
  [null, [frame('(idle)'), root]],
])('%s', (category, stack) => expect(categoryOf(stack)).toBe(category))

/** 1 ms of warm-up in one function, then 1 ms idle, 3 ms there and 1 ms in garbage collection. */
const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: root, children: [2, 3, 4] },
    { id: 2, callFrame: frame('reconcile', 'file:///libs/domain/src/reconcile.ts') },
    { id: 3, callFrame: frame('(idle)') },
    { id: 4, callFrame: frame('(garbage collector)') },
  ],
  samples: [2, 3, 2, 2, 4, 2],
  timeDeltas: [1_000, 1_000, 1_000, 1_000, 1_000, 1_000],
}

test('shares are those of the time in which something ran, after the warm-up', () => {
  const times = stackTimes(profile, 1 / 6)
  expect(sharesOf(times)).toEqual({ decode: 0, join: 75, encode: 0, io: 0, gc: 25, other: 0 })
  expect(topFunctions(times, 1)[2]).toBe('| reconcile src/reconcile.ts | join | 75.0 |')
})
