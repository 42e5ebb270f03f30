import { createRequire } from 'node:module'
import { describe, expect, test, vi } from 'vitest'
import { stock } from '../../test/stock-kafkajs.ts'
import {
  type CoordinatorOfTransactions,
  type CreateEosManager,
  EOS_MANAGER,
  type EosManager,
} from './eos-manager.ts'
import './sequence-wrap.ts'
import './predecessor-markers.ts'
import './known-coordinator.ts'

const mended = createRequire(import.meta.url)(EOS_MANAGER) as CreateEosManager

/** A producer that has its id, before a coordinator that answers as told. */
async function initialised(
  create: CreateEosManager,
  coordinator: object = {},
  findGroupCoordinator = async (_group: object) => brokerWith(coordinator),
): Promise<EosManager> {
  const options = {
    logger: { debug() {} },
    cluster: { retry: { retries: 1 }, refreshMetadataIfNecessary: async () => {}, findGroupCoordinator },
    transactional: true,
    transactionalId: 'reconciler-0',
  }
  const manager = create(options)
  await manager.initProducerId()
  return manager
}

const brokerWith = (answers: object): CoordinatorOfTransactions => ({
  isConnected: () => true,
  initProducerId: async () => ({ producerId: '1', producerEpoch: 0 }),
  addPartitionsToTxn: async () => ({}),
  addOffsetsToTxn: async () => ({}),
  txnOffsetCommit: async () => ({}),
  endTxn: async () => ({}),
  ...answers,
})

const orders = [{ topic: 'orders', partitions: [{ partition: 0 }] }]
const offsets = { consumerGroupId: 'group', topics: [] }

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

  test('asks again soon, for records and for offsets; stock kafkajs gives up on both', async () => {
    const answers = () => ({
      addPartitionsToTxn: vi.fn().mockRejectedValueOnce(busy()).mockResolvedValue({}),
      addOffsetsToTxn: vi.fn().mockRejectedValueOnce(busy()).mockResolvedValue({}),
      txnOffsetCommit: vi.fn().mockResolvedValue({}),
    })
    const ours = await initialised(mended, answers())
    ours.beginTransaction()
    await ours.addPartitionsToTransaction(orders)
    await ours.sendOffsets(offsets)

    const theirs = await initialised(stock(EOS_MANAGER), answers())
    theirs.beginTransaction()
    await expect(theirs.addPartitionsToTransaction(orders)).rejects.toThrow('busy')
    await expect(theirs.sendOffsets(offsets)).rejects.toThrow('busy')
  })

  test('gives up in time, and throws any other error at once', async () => {
    vi.useFakeTimers()
    const coordinator = { addPartitionsToTxn: vi.fn().mockRejectedValue(busy()) }
    const manager = await initialised(mended, coordinator)
    manager.beginTransaction()
    const given = expect(manager.addPartitionsToTransaction(orders)).rejects.toThrow('busy')
    await vi.advanceTimersByTimeAsync(3_000)
    await given
    vi.useRealTimers()

    coordinator.addPartitionsToTxn.mockReset().mockRejectedValue(new Error('fenced'))
    await expect(manager.addPartitionsToTransaction(orders)).rejects.toThrow('fenced')
    expect(coordinator.addPartitionsToTxn).toHaveBeenCalledOnce()
  })
})

describe('the coordinators of a transaction', () => {
  const GROUP = 0
  const TRANSACTION = 1
  const stale = () => Object.assign(new Error('moved'), { type: 'NOT_COORDINATOR', retriable: true })

  async function transaction(manager: EosManager): Promise<void> {
    manager.beginTransaction()
    await manager.addPartitionsToTransaction(orders)
    await manager.sendOffsets(offsets)
    await manager.commit()
  }

  /** Tells which coordinators were asked for, in order. */
  function finder(broker: CoordinatorOfTransactions) {
    const asked: number[] = []
    const find = async (group: object) => {
      asked.push((group as { coordinatorType: number }).coordinatorType)
      return broker
    }
    return { asked, find }
  }

  test('are asked for once; stock kafkajs asks before each request', async () => {
    for (const [create, times] of [
      [mended, [TRANSACTION, GROUP]],
      [stock<CreateEosManager>(EOS_MANAGER), [1, 1, 1, 0, 1, 1, 1, 0, 1]],
    ] as const) {
      const { asked, find } = finder(brokerWith({}))
      const manager = await initialised(create, {}, find)
      await transaction(manager)
      await transaction(manager)
      expect(asked).toEqual(times)
    }
  })

  test('are asked for again where a request failed, within it where kafkajs tries again', async () => {
    const txnOffsetCommit = vi.fn().mockRejectedValueOnce(stale()).mockResolvedValue({})
    const endTxn = vi.fn().mockRejectedValueOnce(stale())
    const { asked, find } = finder(brokerWith({ txnOffsetCommit, endTxn }))
    const manager = await initialised(mended, {}, find)
    await expect(transaction(manager)).rejects.toThrow('moved')
    expect(asked).toEqual([TRANSACTION, GROUP, GROUP])
  })

  test('are asked for again where InitProducerId met one that has moved', async () => {
    const initProducerId = vi
      .fn()
      .mockRejectedValueOnce(Object.assign(stale(), { type: 'NOT_COORDINATOR_FOR_GROUP' }))
      .mockResolvedValue({ producerId: '1', producerEpoch: 0 })
    const { asked, find } = finder(brokerWith({ initProducerId }))
    await initialised(mended, {}, find)
    expect(asked).toEqual([TRANSACTION, TRANSACTION])
  })

  test('are asked for again where the connection was closed, as brokers do with idle ones', async () => {
    const broker = brokerWith({ isConnected: vi.fn().mockReturnValueOnce(false).mockReturnValue(true) })
    const { asked, find } = finder(broker)
    const manager = await initialised(mended, {}, find)
    await transaction(manager)
    expect(asked).toEqual([TRANSACTION, TRANSACTION, GROUP])
  })

  test('are kept where one is only busy with the markers of the transaction before', async () => {
    const busy = Object.assign(new Error('busy'), { type: 'CONCURRENT_TRANSACTIONS' })
    const addPartitionsToTxn = vi.fn().mockRejectedValueOnce(busy).mockResolvedValue({})
    const { asked, find } = finder(brokerWith({ addPartitionsToTxn }))
    await transaction(await initialised(mended, {}, find))
    expect(asked).toEqual([TRANSACTION, GROUP])
  })
})
