import { Kafka, logLevel } from 'kafkajs'
import { measureSends, type ProduceTask } from './produce.ts'
import { finish, task } from './task.ts'

const { brokers, prefix, records } = task<ProduceTask>()
const client = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING })
const producer = client.producer({ idempotent: true, maxInFlightRequests: 1 })
await producer.connect()
const topic = `${prefix}amazon-return-rows.v1`
await finish(await measureSends(records, (messages) => producer.send({ topic, acks: -1, messages })))
