import { createRequire } from 'node:module'
import { describe, expect, test, vi } from 'vitest'
import { stock } from '../../test/stock-kafkajs.ts'
import { type CreateEosManager, EOS_MANAGER, type EosManager } from './eos-manager.ts'
import './sequence-wrap.ts'
import './predecessor-markers.ts'

const mended = createRequire(import.meta.url)(EOS_MANAGER) as CreateEosManager

/** A producer that has its id, before a coordinator that answers as told. */
async function initialised(create: CreateEosManager, coordinator: object = {}): Promise<EosManager> {
  const broker = { initProducerId: async () => ({ producerId: '1', producerEpoch: 0 }), ...coordinator }
  const manager = create({
    logger: { debug() {} },
    cluster: {
      retry: { retries: 0 },
      refreshMetadataIfNecessary: async () => {},
      findGroupCoordinator: async () => broker,
    },
    transactional: true,
    transactionalId: 'reconciler-0',
  })
  await manager.initProducerId()
  return manager
}

const begin = (manager: EosManager) => (manager as unknown as { beginTransaction(): void }).beginTransaction()

describe('sequences', () => {
  async function sequenceAfter(create: CreateEosManager, ...increments: number[]): Promise<number> {
    const manager = await initialised(create)
    for (const increment of increments) manager.updateSequence('orders', 0, increment)
    return manager.getSequence('orders', 0)
  }

  test('go on behind 2^31 - 1 where the broker expects them; stock kafkajs starts at 0', async () => {
    expect(await sequenceAfter(mended, 2 ** 31 - 8, 20)).toBe(12)
    expect(await sequenceAfter(stock(EOS_MANAGER), 2 ** 31 - 8, 20)).toBe(0)
  })

  test('of a send that failed are taken back, also over the wrap', async () => {
    expect(await sequenceAfter(mended, 2 ** 31 - 8, 20, -20)).toBe(2 ** 31 - 8)
  })

  test('are counted for each partition, and start anew with a new producer id', async () => {
    const manager = await initialised(mended)
    manager.updateSequence('orders', '1', 5)
    manager.updateSequence('orders', 2, 7)
    expect([1, 2, 3].map((p) => manager.getSequence('orders', p))).toEqual([5, 7, 0])
    await manager.initProducerId()
    expect(manager.getSequence('orders', 1)).toBe(0)
  })
})

describe('a transaction that begins while the markers of the one before are written', () => {
  const busy = () => Object.assign(new Error('busy'), { type: 'CONCURRENT_TRANSACTIONS' })
  const orders = [{ topic: 'orders', partitions: [{ partition: 0 }] }]
  const offsets = { consumerGroupId: 'group', topics: [] }

  test('asks again soon, for records and for offsets; stock kafkajs gives up on both', async () => {
    const answers = () => ({
      addPartitionsToTxn: vi.fn().mockRejectedValueOnce(busy()).mockResolvedValue({}),
      addOffsetsToTxn: vi.fn().mockRejectedValueOnce(busy()).mockResolvedValue({}),
      txnOffsetCommit: vi.fn().mockResolvedValue({}),
    })
    const ours = await initialised(mended, answers())
    begin(ours)
    await ours.addPartitionsToTransaction(orders)
    await ours.sendOffsets(offsets)

    const theirs = await initialised(stock(EOS_MANAGER), answers())
    begin(theirs)
    await expect(theirs.addPartitionsToTransaction(orders)).rejects.toThrow('busy')
    await expect(theirs.sendOffsets(offsets)).rejects.toThrow('busy')
  })

  test('gives up in time, and throws any other error at once', async () => {
    vi.useFakeTimers()
    const coordinator = { addPartitionsToTxn: vi.fn().mockRejectedValue(busy()) }
    const manager = await initialised(mended, coordinator)
    begin(manager)
    const given = expect(manager.addPartitionsToTransaction(orders)).rejects.toThrow('busy')
    await vi.advanceTimersByTimeAsync(3_000)
    await given
    vi.useRealTimers()

    coordinator.addPartitionsToTxn.mockReset().mockRejectedValue(new Error('fenced'))
    await expect(manager.addPartitionsToTransaction(orders)).rejects.toThrow('fenced')
    expect(coordinator.addPartitionsToTxn).toHaveBeenCalledOnce()
  })
})
