import { once } from 'node:events'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import type { Message } from 'kafkajs'
import { measureSends, oneSend, type ProduceTask } from './produce.ts'
import { finish, task } from './task.ts'

type Encode = (given: object) => object

const INT32_BYTES = 4
/** A record's answer is `[partition, error code, …]`. */
const ERROR_AT = 4

const { brokers, prefix, records } = task<ProduceTask>()
const request = await encodeOnce(`${prefix}amazon-return-rows.v1`, oneSend())
const [host, port] = brokers.split(':') as [string, string]
const socket = connect({ host, port: Number(port), noDelay: true })
await once(socket, 'connect')
await finish(
  await measureSends(records, async () => {
    socket.write(request)
    await answer()
  }),
)

/** The request of stock kafkajs, made ahead: what is left is the socket and the broker. */
async function encodeOnce(topic: string, messages: readonly Message[]): Promise<Buffer> {
  const require = createRequire(import.meta.url)
  const produce = require('kafkajs/src/protocol/requests/produce/v7/request') as Encode
  const encode = require('kafkajs/src/protocol/request') as (given: object) => Promise<{ buffer: Buffer }>
  const byPartition = Map.groupBy(messages, (message) => message.partition)
  const partitions = [...byPartition].map(([partition, of]) => ({ partition, messages: of }))
  const given = { acks: -1, timeout: 30_000, topicData: [{ topic, partitions }] }
  const { buffer } = await encode({ correlationId: 0, clientId: 'ceiling', request: produce(given) })
  return buffer
}

/** @throws Error when the broker refused a batch. */
async function answer(): Promise<void> {
  const chunks: Buffer[] = []
  for (;;) {
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    chunks.push(chunk)
    const bytes = Buffer.concat(chunks)
    if (bytes.length < INT32_BYTES || bytes.length < INT32_BYTES + bytes.readInt32BE()) continue
    checkFirst(bytes)
    return
  }
}

/** Length, correlation id, one topic by name, number of partitions: then the first partition. */
function checkFirst(bytes: Buffer): void {
  const nameAt = INT32_BYTES * 3
  const partitionAt = nameAt + 2 + bytes.readInt16BE(nameAt) + INT32_BYTES
  const code = bytes.readInt16BE(partitionAt + ERROR_AT)
  if (code !== 0) throw new Error(`The broker refused a batch: error ${code}`)
}
