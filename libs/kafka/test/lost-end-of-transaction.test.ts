import { connect, type Socket } from 'node:net'
import { salesOrder } from '@backhaul/domain/builders'
import type { KafkaClient } from '@backhaul/kafka'
import { actAs, eventually, freshTopics } from '@backhaul/testing'
import { beforeAll, expect, test } from 'vitest'
import { Kafka, logLevel } from '../src/internals.ts'
import { TransactionalWriter } from '../src/transactional-writer.ts'
import { readPartition } from './read-partition.ts'

const TOPIC = 'sales-orders.v1'
const END_TXN = 26
const API_KEY_AT = 4

let importer: KafkaClient<'order-importer'>

beforeAll(async () => {
  importer = await actAs('order-importer', (await freshTopics()).prefix)
})

/** What becomes of the next EndTxn: the connection breaks before it or before its answer, or another coordinator is named. */
type Lost = 'request' | 'answer' | 'coordinator'

const NOT_COORDINATOR = 16
const CORRELATION_ID_AT = 8

/** An answer that refuses an EndTxn: length, correlation id, throttle time, error code. */
function refusal(request: Buffer): Buffer {
  const answer = Buffer.alloc(14)
  answer.writeInt32BE(10)
  answer.writeInt32BE(request.readInt32BE(CORRELATION_ID_AT), 4)
  answer.writeInt16BE(NOT_COORDINATOR, 12)
  return answer
}

const reset = new Error('the connection was reset')

/** A client whose connections lose the next EndTxn once `arm` was called. */
function losing(given: Lost) {
  let armed = false
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
      const ends = Buffer.isBuffer(bytes) && bytes.readInt16BE(API_KEY_AT) === END_TXN
      if (!armed || !ends) return write(bytes, ...rest)
      armed = false
      return lose(socket, bytes, () => write(bytes, ...rest))
    }) as Socket['write']
    return socket
  }
  const lose = (socket: Socket, request: Buffer, send: () => boolean) => {
    if (given === 'coordinator') {
      setImmediate(() => socket.emit('data', refusal(request)))
      return true
    }
    if (given === 'request') {
      socket.destroy(reset)
      return true
    }
    socket.removeAllListeners('data')
    socket.once('data', () => socket.destroy(reset))
    return send()
  }
  const client = new Kafka({
    brokers: [...importer.options.settings.KAFKA_BROKERS],
    logLevel: logLevel.NOTHING,
    socketFactory: socketFactory as never,
  })
  const open = () =>
    TransactionalWriter.open(
      client,
      importer.physical(TOPIC),
      importer.options.codec,
      'order-importer',
      importer.physical,
    )
  const arm = () => {
    armed = true
  }
  return { open, arm }
}

const order = (orderReference: string, partition: number) => ({
  key: `${orderReference}|channel-de`,
  value: salesOrder({ orderReference }),
  eventId: orderReference,
  timestamp: 1_790_000_000_000,
  partition,
})

test.each([
  ['request', 0, ['before', 'after']],
  ['answer', 1, ['before', 'lost', 'after']],
  ['coordinator', 2, ['before', 'after']],
] as const)(
  'I1, I2: a commit whose %s is lost leaves the writer spent; the next one settles it and works on',
  async (lost, partition, seen) => {
    const { open, arm } = losing(lost)
    const first = await open()
    await first.transaction((outbox) => outbox.write(TOPIC, order('before', partition)))
    arm()
    const uncertain = { code: 'KAFKA_TRANSACTION_UNCERTAIN', retryable: true }
    await expect(
      first.transaction((outbox) => outbox.write(TOPIC, order('lost', partition))),
    ).rejects.toMatchObject(uncertain)
    // kafkajs cannot tell what happened, and would refuse for ever: this is why the writer is thrown away.
    await expect(
      first.transaction((outbox) => outbox.write(TOPIC, order('wedged', partition))),
    ).rejects.toMatchObject({ ...uncertain, message: expect.stringContaining('COMMITTING') })
    await first.close()

    const second = await open()
    await second.transaction((outbox) => outbox.write(TOPIC, order('after', partition)))
    await second.close()
    await eventually(async () => {
      const { records } = await readPartition(importer as never, importer.physical(TOPIC), partition)
      expect(records.map((r) => String(r.headers.ce_id))).toEqual(seen)
    })
  },
)
