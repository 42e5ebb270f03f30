import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { KafkaClient } from '@backhaul/kafka'
import { actAs, eventually, freshTopics } from '@backhaul/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Assignment } from '../src/co-partitioned-assigner.ts'
import { Kafka, logLevel } from '../src/internals.ts'
import { joinGroup, type Membership } from '../src/membership.ts'
import { Network } from './network.ts'

const PROGRAM = join(import.meta.dirname, 'member-process.ts')
const FETCH = 1
const HEARTBEAT = 12
/** The shortest that a broker allows unasked. */
const SESSION_TIMEOUT_MS = 6_000
const INPUTS = ['amazon-return-rows.v1', 'sales-orders.v1'] as const

let kafka: KafkaClient<'reconciler'>
const members: Member[] = []

beforeEach(async () => {
  kafka = await actAs('reconciler', (await freshTopics()).prefix)
})

afterEach(async () => {
  await Promise.all(members.splice(0).map((member) => member.end('SIGKILL')))
})

/** A process with a seat, and what its group told it. */
class Member {
  readonly assigned: Assignment[] = []
  lost: { code?: string; message: string } | undefined
  readonly #child: ChildProcess

  constructor(instanceId?: string) {
    const seat = { ...kafka.seat(INPUTS), ...(instanceId && { instanceId }) }
    const brokers = kafka.options.settings.KAFKA_BROKERS
    const stdio = ['ignore', 'pipe', 'inherit'] as const
    this.#child = spawn(process.execPath, [PROGRAM, JSON.stringify({ brokers, seat })], {
      stdio: [...stdio],
    })
    createInterface({ input: this.#child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const told = JSON.parse(line)
      if (told.assigned) this.assigned.push(told.assigned)
      if (told.lost) this.lost = told.lost
    })
    members.push(this)
  }

  /** Its partition numbers, the same of both topics. */
  get numbers(): readonly number[] | undefined {
    const last = this.assigned.at(-1)
    if (!last) return undefined
    const [rows, orders] = INPUTS.map((topic) => last[kafka.physical(topic)] ?? [])
    expect(rows).toEqual(orders)
    return rows
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill(signal)
    await exited
  }
}

/** Two members that share the four numbers. */
async function pair(...ids: (string | undefined)[]): Promise<[Member, Member]> {
  const first = new Member(ids[0])
  await eventually(() => expect(first.numbers).toEqual([0, 1, 2, 3]))
  const second = new Member(ids[1])
  await eventually(() => {
    expect(first.numbers).toHaveLength(2)
    expect(second.numbers).toHaveLength(2)
  })
  return [first, second]
}

async function seats(): Promise<number> {
  const admin = kafka.client.admin()
  await admin.connect()
  const { groups } = await admin.describeGroups([kafka.group])
  await admin.disconnect()
  return groups[0]?.members.length ?? 0
}

test.each(['SIGKILL', 'SIGTERM'] as const)(
  'after a %s a static member gets its partitions back at once, and the others hear nothing of it',
  async (signal) => {
    const [first, second] = await pair('one', 'two')
    const before = first.numbers
    const heard = second.assigned.length
    await first.end(signal)
    expect(await seats()).toBe(2)
    const again = new Member('one')
    await eventually(() => expect(again.numbers).toEqual(before))
    expect(second.assigned).toHaveLength(heard)
    expect(await seats()).toBe(2)
  },
)

test('a member without an instance id gives its seat up when it stops', async () => {
  const [first, second] = await pair(undefined, undefined)
  await first.end('SIGTERM')
  await eventually(() => expect(second.numbers).toEqual([0, 1, 2, 3]))
  expect(await seats()).toBe(1)
})

test('of two processes with one instance id the older stops and says why', async () => {
  const older = new Member('one')
  await eventually(() => expect(older.numbers).toEqual([0, 1, 2, 3]))
  const newer = new Member('one')
  await eventually(() => {
    expect(newer.numbers).toEqual([0, 1, 2, 3])
    expect(older.lost).toEqual({
      code: 'INSTANCE_ID_TAKEN',
      message: expect.stringContaining(
        `the seat one of the group ${kafka.group}: each needs a KAFKA_INSTANCE_ID`,
      ),
    })
  })
  expect(newer.lost).toBeUndefined()
})

test('a member that joins moves as few numbers as it must, and one that leaves gives only its own', async () => {
  const [first, second] = await pair(undefined, undefined)
  const before = [first.numbers, second.numbers]
  const third = new Member()
  await eventually(() => expect(third.numbers).toHaveLength(1))
  await eventually(() => expect([first, second].map((m) => m.numbers?.length).sort()).toEqual([1, 2]))
  for (const [n, member] of [first, second].entries()) {
    expect(before[n]).toEqual(expect.arrayContaining([...(member.numbers ?? [])]))
  }
  const during = [first.numbers, second.numbers]
  await third.end('SIGTERM')
  await eventually(() => expect([first, second].map((m) => m.numbers?.length)).toEqual([2, 2]))
  for (const [n, member] of [first, second].entries()) {
    expect(member.numbers).toEqual(expect.arrayContaining([...(during[n] ?? [])]))
  }
})

/** A seat of this process, over a network that can be cut, and what its group told it. */
async function seatOver(network: Network): Promise<{ seat: Membership; told: string[] }> {
  const brokers = [...kafka.options.settings.KAFKA_BROKERS]
  const { socketFactory } = network
  const client = new Kafka({ brokers, logLevel: logLevel.NOTHING, socketFactory })
  const told: string[] = []
  const events = {
    assigned: (assignment: Assignment) => told.push(`${assignment[kafka.physical(INPUTS[0])] ?? ''}`),
    suspended: (reason: string) => told.push(reason),
    lost: (error: unknown) => told.push(String(error)),
  }
  const options = { ...kafka.seat(INPUTS), sessionTimeoutMs: SESSION_TIMEOUT_MS }
  return { seat: await joinGroup(client, options, events, kafka.options.log), told }
}

test('a seat fetches nothing', async () => {
  const network = new Network()
  const { seat } = await seatOver(network)
  await eventually(() => expect(network.asked.filter((key) => key === HEARTBEAT).length).toBeGreaterThan(1))
  await seat.leave()
  expect(network.asked).not.toContain(FETCH)
})

test('a heartbeat that is lost costs nothing', async () => {
  const network = new Network()
  const { seat, told } = await seatOver(network)
  let lost = 0
  network.loses = (key) => key === HEARTBEAT && lost++ === 0
  await eventually(() => expect(lost).toBeGreaterThan(2))
  await seat.leave()
  expect(told).toEqual(['0,1,2,3'])
})

test('a member that is cut off works on nothing, its partitions go to the others, and it joins again when it is heard', async () => {
  const network = new Network()
  const { seat, told } = await seatOver(network)
  network.loses = () => true
  await eventually(() => expect(told).toEqual(['0,1,2,3', 'the group has not been heard for 6 s']))
  const other = new Member()
  await eventually(() => expect(other.numbers).toEqual([0, 1, 2, 3]))
  network.loses = () => false
  await eventually(() => {
    expect(other.numbers).toHaveLength(2)
    expect(told.at(-1)?.split(',')).toHaveLength(2)
  })
  await seat.leave()
  await eventually(() => expect(other.numbers).toEqual([0, 1, 2, 3]))
})

test('a member that is heard again before anybody took its partitions goes on with them', async () => {
  const network = new Network()
  const { seat, told } = await seatOver(network)
  network.loses = (key) => key === HEARTBEAT
  await eventually(() => expect(told).toHaveLength(2))
  network.loses = () => false
  await eventually(() => expect(told.at(-1)).toBe('0,1,2,3'))
  await seat.leave()
  expect(await seats()).toBe(0)
})
