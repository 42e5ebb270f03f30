import { actAs } from '../act-as.ts'
import { measureSends, type ProduceTask } from './produce.ts'
import { finish, task } from './task.ts'

const { records, ...place } = task<ProduceTask>()
const kafka = await actAs('report-fetcher', place)
const producer = kafka.client.producer({ idempotent: true, maxInFlightRequests: 1 })
await producer.connect()
const topic = kafka.physical('amazon-return-rows.v1')
await finish(await measureSends(records, (messages) => producer.send({ topic, acks: -1, messages })))
