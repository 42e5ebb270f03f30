import { randomUUID } from 'node:crypto'
import { Kafka, logLevel } from 'kafkajs'
import { Clock, type ConsumeTask, FETCH_BYTES, PARTITION_BYTES } from './consume.ts'
import { finish, task } from './task.ts'

const { brokers, prefix, records } = task<ConsumeTask>()
const client = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING })
const consumer = client.consumer({
  groupId: `${prefix}stock-${randomUUID()}`,
  maxBytes: FETCH_BYTES,
  maxBytesPerPartition: PARTITION_BYTES,
  maxWaitTimeInMs: 100,
})
await consumer.connect()
await consumer.subscribe({ topic: `${prefix}amazon-return-rows.v1`, fromBeginning: true })
const clock = new Clock()
await consumer.run({
  autoCommit: false,
  eachBatch: async ({ batch }) => {
    if (clock.read(batch.messages) >= records) await finish(clock.sample())
  },
})
