import { actAs } from '../act-as.ts'
import { measureSends, type ProduceTask } from './produce.ts'
import { finish, task } from './task.ts'

const { records, ...place } = task<ProduceTask>()
const kafka = await actAs('report-fetcher', place)
const writer = await kafka.transactionalWriter('bench')
const sample = await measureSends(records, (messages) =>
  writer.transaction((outbox) => {
    for (const message of messages) outbox.writeRaw('amazon-return-rows.v1', message)
  }),
)
await finish(sample)
