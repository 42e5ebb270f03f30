import { expect, test, vi } from 'vitest'
import { FetchQueue } from './fetch-queue.ts'
import type { FetchedBatch } from './partition-reader.ts'

/** Records at these offsets, fetched from the first of them on, to the end of the log. */
function batch(
  topic: string,
  offsets: readonly number[],
  bytes = 100,
  timeAt = (_offset: number) => 0,
): FetchedBatch {
  const records = offsets.map((offset) => ({
    offset: BigInt(offset),
    timestamp: timeAt(offset),
    key: null,
    value: null,
    headers: {},
  }))
  const [first = 0, last = 0] = [offsets[0], offsets.at(-1)]
  return {
    topic,
    partition: 0,
    records,
    fetchOffset: BigInt(first),
    nextOffset: BigInt(last + 2),
    endOffset: BigInt(last + 2),
    bytes,
  }
}

/** As a fetch that did not reach the end of the log. */
const andMore = (fetched: FetchedBatch): FetchedBatch => ({ ...fetched, endOffset: 1_000n })

/** A reader that answers when told, and counts what it is asked. */
function heldReader() {
  const answers: { resolve: (batches: FetchedBatch[]) => void; reject: (error: Error) => void }[] = []
  return {
    answers,
    fetch: () => new Promise<FetchedBatch[]>((resolve, reject) => void answers.push({ resolve, reject })),
  }
}

const flush = () => new Promise((resolve) => setImmediate(resolve))
const taken = (batches: readonly FetchedBatch[]) =>
  batches.map((b) => [b.topic, b.fetchOffset, b.nextOffset, b.records.map((r) => Number(r.offset))])

test('what was read meanwhile is taken together, of all topics, and what is too much stays for the next', async () => {
  const reader = heldReader()
  const queue = new FetchQueue(reader, new AbortController().signal)
  const first = queue.take(100)
  reader.answers[0]?.resolve([andMore(batch('rows', [0, 1]))])
  expect(taken(await first)).toEqual([['rows', 0n, 3n, [0, 1]]])

  reader.answers[1]?.resolve([batch('rows', [3, 5]), andMore(batch('orders', [0, 4, 7]))])
  await flush()
  reader.answers[2]?.resolve([batch('orders', [9])])
  await flush()
  expect(taken(await queue.take(4))).toEqual([
    ['rows', 3n, 7n, [3, 5]],
    ['orders', 0n, 7n, [0, 4]],
  ])
  expect(taken(await queue.take(4))).toEqual([
    ['orders', 7n, 9n, [7]],
    ['orders', 9n, 11n, [9]],
  ])
})

test('of several topics, the oldest record comes first', async () => {
  const reader = heldReader()
  const queue = new FetchQueue(reader, new AbortController().signal)
  const first = queue.take(4)
  reader.answers[0]?.resolve([
    batch('rows', [0, 1, 2, 3], 100, (offset) => 10 * offset + 1),
    batch('orders', [0, 1, 2, 3, 4, 5], 100, (offset) => 5 * offset),
  ])
  expect(taken(await first)).toEqual([
    ['orders', 0n, 1n, [0]],
    ['rows', 0n, 1n, [0]],
    ['orders', 1n, 3n, [1, 2]],
  ])
  expect(taken(await queue.take(9))).toEqual([
    ['rows', 1n, 2n, [1]],
    ['orders', 3n, 5n, [3, 4]],
    ['rows', 2n, 3n, [2]],
    ['orders', 5n, 7n, [5]],
    ['rows', 3n, 5n, [3]],
  ])
})

test('a topic that has more in its log is waited for while it is fetched, and no longer', async () => {
  const reader = heldReader()
  const queue = new FetchQueue(reader, new AbortController().signal)
  const orders = (offsets: number[]) => andMore(batch('orders', offsets, 100, (offset) => offset))
  const first = queue.take(100)
  reader.answers[0]?.resolve([orders([0, 1]), batch('rows', [0, 1, 2], 100, (offset) => offset * 10)])
  expect(taken(await first)).toEqual([
    ['orders', 0n, 1n, [0]],
    ['rows', 0n, 1n, [0]],
    ['orders', 1n, 3n, [1]],
  ])
  const second = queue.take(100)
  reader.answers[1]?.resolve([orders([3, 12])])
  expect(taken(await second)).toEqual([
    ['orders', 3n, 12n, [3]],
    ['rows', 1n, 2n, [1]],
    ['orders', 12n, 14n, [12]],
  ])
  const third = queue.take(100)
  reader.answers[2]?.reject(new Error('the broker went'))
  expect(taken(await third)).toEqual([['rows', 2n, 4n, [2]]])
})

test('reading ahead goes on while work is done, and stops at its bound in bytes', async () => {
  const reader = heldReader()
  const queue = new FetchQueue(reader, new AbortController().signal)
  const first = queue.take(1)
  for (const answer of [0, 1, 2]) {
    reader.answers[answer]?.resolve([andMore(batch('rows', [answer * 2], 5 * 1024 * 1024))])
    await flush()
  }
  await first
  // One was taken, two of 5 MiB wait: no other is asked for until one more is taken.
  expect(reader.answers).toHaveLength(3)
  await queue.take(1)
  expect(reader.answers).toHaveLength(4)
})

test('at the end of the log nothing is read ahead, and takes are 50 ms apart: what trickles in comes together', async () => {
  vi.useFakeTimers()
  try {
    const reader = heldReader()
    const queue = new FetchQueue(reader, new AbortController().signal)
    const first = queue.take(100)
    reader.answers[0]?.resolve([batch('rows', [0])])
    await first
    expect(reader.answers).toHaveLength(1)

    const second = queue.take(100)
    await vi.advanceTimersByTimeAsync(49)
    expect(reader.answers).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    reader.answers[1]?.resolve([batch('rows', [2, 3, 4])])
    expect(taken(await second)).toEqual([['rows', 2n, 6n, [2, 3, 4]]])

    await vi.advanceTimersByTimeAsync(60)
    const afterLongWork = queue.take(100)
    expect(reader.answers).toHaveLength(3)
    reader.answers[2]?.resolve([batch('rows', [6])])
    expect(taken(await afterLongWork)).toEqual([['rows', 6n, 8n, [6]]])
  } finally {
    vi.useRealTimers()
  }
})

test('a stop ends the pause between two takes', async () => {
  const reader = heldReader()
  const stop = new AbortController()
  const queue = new FetchQueue(reader, stop.signal)
  const first = queue.take(1)
  reader.answers[0]?.resolve([batch('rows', [0])])
  await first
  const waiting = queue.take(1)
  stop.abort()
  expect(await waiting).toEqual([])
  expect(reader.answers).toHaveLength(1)
})

test('an answer without news is asked for again; a stop ends the wait', async () => {
  const reader = heldReader()
  const stop = new AbortController()
  const queue = new FetchQueue(reader, stop.signal)
  const waiting = queue.take(1)
  reader.answers[0]?.resolve([{ ...batch('rows', []), nextOffset: 0n }])
  await flush()
  expect(reader.answers).toHaveLength(2)
  stop.abort()
  expect(await waiting).toEqual([])
})

test('an error comes once what was read before it is taken, and ends the reading', async () => {
  const reader = heldReader()
  const queue = new FetchQueue(reader, new AbortController().signal)
  const first = queue.take(1)
  reader.answers[0]?.resolve([batch('rows', [0]), andMore(batch('rows', [2]))])
  await first
  reader.answers[1]?.reject(new Error('the broker went'))
  await flush()
  expect(taken(await queue.take(1))).toHaveLength(1)
  await expect(queue.take(1)).rejects.toThrow('the broker went')
  expect(reader.answers).toHaveLength(2)
})

test('a batch without records, which compaction emptied, is passed at once', async () => {
  const reader = heldReader()
  const queue = new FetchQueue(reader, new AbortController().signal)
  const first = queue.take(1)
  reader.answers[0]?.resolve([batch('rows', [0]), { ...batch('orders', []), nextOffset: 7n, endOffset: 7n }])
  expect(taken(await first)).toEqual([
    ['orders', 0n, 7n, []],
    ['rows', 0n, 2n, [0]],
  ])
})
