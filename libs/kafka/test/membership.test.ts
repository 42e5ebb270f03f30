import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { KafkaClient } from '@backhaul/kafka'
import { actAs, eventually, freshTopics } from '@backhaul/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Kafka, logLevel } from '../src/internals.ts'
import { type Assignment, joinGroup } from '../src/membership.ts'

const PROGRAM = join(import.meta.dirname, 'member-process.ts')
const FETCH = 1
const HEARTBEAT = 12
const API_KEY_AT = 4
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

test('a seat fetches nothing: no record and no offset passes the fetcher of kafkajs', async () => {
  const asked: number[] = []
  const socketFactory = ({
    host,
    port,
    onConnect,
  }: {
    host: string
    port: number
    onConnect: () => void
  }) => {
    const socket = connect({ host, port }, onConnect)
    const write = socket.write.bind(socket) as (bytes: Buffer, ...rest: unknown[]) => boolean
    socket.write = ((bytes: Buffer, ...rest: unknown[]) => {
      asked.push(bytes.readInt16BE(API_KEY_AT))
      return write(bytes, ...rest)
    }) as typeof socket.write
    return socket
  }
  const brokers = [...kafka.options.settings.KAFKA_BROKERS]
  const client = new Kafka({ brokers, logLevel: logLevel.NOTHING, socketFactory: socketFactory as never })
  const events = { assigned() {}, lost: (error: unknown) => expect.unreachable(String(error)) }
  const seat = await joinGroup(client, kafka.seat(INPUTS), events, kafka.options.log)
  await eventually(() => expect(asked.filter((key) => key === HEARTBEAT).length).toBeGreaterThan(1))
  await seat.leave()
  expect(asked).not.toContain(FETCH)
})
