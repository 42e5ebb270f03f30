import { actAs } from '../act-as.ts'
import { Clock, type ConsumeTask } from './consume.ts'
import { finish, task } from './task.ts'

const FETCH_WAIT_MS = 100

const { records, partitions, ...place } = task<ConsumeTask>()
const kafka = await actAs('reconciler', place)
const reader = kafka.partitionReader()
const topic = kafka.physical('amazon-return-rows.v1')
for (let partition = 0; partition < partitions; partition++) await reader.seek(topic, partition, 0n)
const clock = new Clock()
for (let read = 0; read < records; ) {
  for (const batch of await reader.fetch(FETCH_WAIT_MS)) read = clock.read(batch.records)
}
await finish(clock.sample())
