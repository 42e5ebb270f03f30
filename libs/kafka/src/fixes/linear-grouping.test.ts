import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stock } from '../../test/stock-kafkajs.ts'
import { groupByPartition } from './linear-grouping.ts'

type Given = Parameters<typeof groupByPartition>[0]

const stockGrouping = stock<typeof groupByPartition>('kafkajs/src/producer/groupMessagesPerPartition')

const given = (messages: Given['messages'], partitions = 4): Given => ({
  topic: 'orders',
  partitionMetadata: Array.from({ length: partitions }, () => ({}) as Given['partitionMetadata'][number]),
  messages,
  partitioner: ({ message }) => message.partition as number,
})

const toPartitions = fc.array(fc.record({ value: fc.string(), partition: fc.nat(3) }))

test('messages are grouped as kafkajs groups them', () => {
  fc.assert(
    fc.property(toPartitions, fc.constantFrom(0, 4), (messages, partitions) => {
      expect(groupByPartition(given(messages, partitions))).toEqual(
        stockGrouping(given(messages, partitions)),
      )
    }),
  )
})

test('200,000 messages take a moment: the copies of kafkajs would be 20 billion', () => {
  const messages = Array.from({ length: 200_000 }, () => ({ value: 'a', partition: 0 }))
  const began = performance.now()
  expect(groupByPartition(given(messages))[0]).toHaveLength(200_000)
  expect(performance.now() - began).toBeLessThan(1_000)
})
