import { GroupOffsets, type KafkaClient } from '@backhaul/kafka'
import { actAs, eventually, freshTopics } from '@backhaul/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { joinGroup } from '../src/membership.ts'

const TOPIC = 'sales-orders.v1'
const ROWS = 'amazon-return-rows.v1'
const at = { topic: TOPIC, partition: 2 } as const
const noon = Date.UTC(2026, 0, 31, 12)

let kafka: KafkaClient<'reconciler'>
let offsets: GroupOffsets

beforeEach(async () => {
  const { prefix } = await freshTopics()
  kafka = await actAs('reconciler', prefix)
  offsets = new GroupOffsets(kafka.options.settings, 'reconciler')
  // Three records, an hour apart, at the offsets 0, 1 and 2.
  const producer = kafka.client.producer()
  await producer.connect()
  const messages = [0, 1, 2].map((hour) => ({
    ...{ key: `${hour}`, value: 'a record', partition: at.partition },
    timestamp: String(noon + hour * 3_600_000),
  }))
  await producer.send({ topic: kafka.physical(TOPIC), messages })
  await producer.disconnect()
  await eventually(async () => expect((await offsets.positions(at))[0]?.end).toBe(3n))
})

afterEach(() => offsets.close())

const committed = async () => (await offsets.positions(at))[0]?.committed

test('shows what the log holds and where the group stands, in all joined topics', async () => {
  const all = await offsets.positions()
  expect(all.map(({ topic, partition }) => `${topic}/${partition}`)).toEqual(
    [ROWS, TOPIC].flatMap((topic) => [0, 1, 2, 3].map((partition) => `${topic}/${partition}`)),
  )
  expect(all.filter(({ end }) => end > 0n)).toEqual([{ ...at, first: 0n, end: 3n, committed: null }])
})

test.each([
  ['earliest', 'earliest', 0n],
  ['latest', 'latest', 3n],
  ['an offset', { offset: 2n }, 2n],
  ['the first record of a time or later', { time: noon + 1 }, 1n],
  ['a time after all records', { time: noon + 86_400_000 }, 3n],
] as const)('%s: plans without a change, then sets what it planned', async (_, target, next) => {
  const plan = await offsets.plan(target, at)
  expect(plan).toEqual([{ ...at, first: 0n, end: 3n, committed: null, next }])
  expect(await committed()).toBeNull()
  await offsets.set(plan)
  expect(await committed()).toBe(next)
  expect((await offsets.positions({ topic: ROWS })).map((p) => p.committed)).toEqual(Array(4).fill(null))
})

test('an offset that the log does not hold is refused', async () => {
  await expect(offsets.plan({ offset: 4n }, at)).rejects.toMatchObject({
    code: 'OFFSET_OUTSIDE_LOG',
    message: `${TOPIC}/2 holds offsets 0 to 3, so that nobody can go on at 4`,
  })
})

test('a topic in which the group has no positions is refused', async () => {
  await expect(offsets.positions({ topic: 'return-orders.v1' })).rejects.toMatchObject({
    code: 'FLOW_UNDECLARED',
  })
})

test('nothing is set while the group has members', async () => {
  const plan = await offsets.plan('latest', at)
  const events = {
    assigned() {},
    suspended() {},
    lost: (error: unknown) => expect.unreachable(String(error)),
  }
  const seat = await joinGroup(kafka.client, kafka.seat([ROWS, TOPIC]), events, kafka.options.log)
  await eventually(async () => expect(await offsets.members()).toBe(1))
  await expect(offsets.set(plan)).rejects.toMatchObject({
    code: 'GROUP_NOT_EMPTY',
    message: expect.stringContaining('has 1 member(s): stop reconciler first'),
  })
  expect(await committed()).toBeNull()
  await seat.leave()
  await offsets.set(plan)
  expect(await committed()).toBe(3n)
})

test('C20: a group that lost its offsets goes on where they are set', async () => {
  await offsets.set(await offsets.plan('earliest'))
  expect((await kafka.committed([ROWS, TOPIC])).map((c) => c.offset)).toEqual(Array(8).fill(0n))
})
