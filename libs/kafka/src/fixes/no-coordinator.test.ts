import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import './no-coordinator.ts'

const Cluster = createRequire(import.meta.url)('kafkajs/src/cluster') as {
  prototype: { findGroupCoordinatorMetadata(this: object, group: object): Promise<object> }
}
const findAmong = (withBroker: () => Promise<object | undefined>) =>
  Cluster.prototype.findGroupCoordinatorMetadata.call({ brokerPool: { withBroker } }, { groupId: 'group' })

test('C18: that no broker knows the coordinator now is no reason to give up', async () => {
  await expect(findAmong(async () => undefined)).rejects.toMatchObject({
    name: 'KafkaJSError',
    message: 'Failed to find group coordinator',
    retriable: true,
  })
})

test('what is found, and any other error, comes through', async () => {
  const found = { coordinator: { nodeId: 1 } }
  expect(await findAmong(async () => found)).toBe(found)
  const refused = Object.assign(new Error('refused'), { retriable: false })
  await expect(findAmong(() => Promise.reject(refused))).rejects.toBe(refused)
})
