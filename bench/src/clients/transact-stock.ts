import { CompressionTypes, Kafka, logLevel } from 'kafkajs'
import { measureSends, type ProduceTask } from './produce.ts'
import { finish, task } from './task.ts'

const { brokers, prefix, records } = task<ProduceTask>()
const client = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING })
const producer = client.producer({
  transactionalId: `${prefix}stock`,
  idempotent: true,
  maxInFlightRequests: 1,
})
await producer.connect()
const topic = `${prefix}amazon-return-rows.v1`
const sample = await measureSends(records, async (messages) => {
  const transaction = await producer.transaction()
  await transaction.send({ topic, compression: CompressionTypes.GZIP, messages })
  await transaction.commit()
})
await finish(sample)
