import { createRequire } from 'node:module'
import { expect, test, vi } from 'vitest'
import { type CreateSendMessages, SEND_MESSAGES } from './send-once.ts'

const createSendMessages = createRequire(import.meta.url)(SEND_MESSAGES) as CreateSendMessages

test('I1: a send fails where a leader moves to a broker that has answered, and leaves out nothing', async () => {
  const leaders = new Map([
    [0, 1],
    [1, 2],
  ])
  const brokers = [1, 2].map((nodeId) => ({ nodeId, produce: vi.fn() }))
  const [stays, fails] = brokers as [(typeof brokers)[0], (typeof brokers)[0]]
  stays.produce.mockResolvedValue({ topics: [] })
  fails.produce.mockRejectedValue(
    Object.assign(new Error('moved'), { type: 'NOT_LEADER_FOR_PARTITION', retriable: true }),
  )
  const cluster = {
    isConnected: () => true,
    addMultipleTargetTopics: async () => {},
    refreshMetadataIfNecessary: async () => {},
    refreshMetadata: async () => void leaders.set(1, 1),
    findTopicPartitionMetadata: () => [{ partitionId: 0 }, { partitionId: 1 }],
    findLeaderForPartitions: (_: string, partitions: string[]) =>
      Object.groupBy(partitions, (partition) => leaders.get(Number(partition)) as number),
    findBroker: async ({ nodeId }: { nodeId: string }) =>
      brokers.find((one) => one.nodeId === Number(nodeId)),
  }
  const eosManager = {
    isTransactional: () => true,
    addPartitionsToTransaction: async () => {},
    getTransactionalId: () => 'id',
    acquireBrokerLock: async () => {},
    releaseBrokerLock: async () => {},
    getSequence: () => 0,
    updateSequence() {},
    getProducerId: () => 1,
    getProducerEpoch: () => 1,
  }
  const send = createSendMessages({
    logger: { error() {}, debug() {} },
    cluster,
    partitioner: ({ message }: never) => (message as { partition: number }).partition,
    eosManager,
    retrier: tryAgain,
  })
  const messages = [0, 1].map((partition) => ({ partition, value: 'a record' }))
  await expect(send({ acks: -1, topicMessages: [{ topic: 'topic', messages }] })).rejects.toThrow('moved')
  expect(leaders.get(1)).toBe(1)
})

/** As kafkajs's own, without waiting. */
async function tryAgain<T>(
  attempt: (bail: (error: Error) => void, count: number, time: number) => Promise<T>,
) {
  try {
    return await attempt(() => {}, 0, 0)
  } catch {
    return attempt(() => {}, 1, 0)
  }
}
