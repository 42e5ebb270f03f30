import { type TopicName, topics } from '@backhaul/flow'
import { partitionOf } from '@backhaul/kafka'
import { eventually } from '@backhaul/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshReference, giveOrders, reportRow, salesOrder, tellAmazon } from './src/given.ts'
import { rawRecords } from './src/raw-records.ts'
import { returnEverywhere } from './src/returns.ts'
import { DE, fetchReports, runsOf, type Seller, setUpSeller } from './src/seller.ts'
import { type Story, startStory } from './src/story.ts'

const GARBAGE = Buffer.from('this is no Avro')

/** Who reads a topic, and so has a dead letter of it. */
const readers = [
  ['amazon-return-rows.v1', ['reconciler']],
  ['sales-orders.v1', ['reconciler']],
  ['return-orders.v1', ['postgres-sink', 'clickhouse-sink']],
  ['report-runs.v1', ['clickhouse-sink']],
] as const

let story: Story
let seller: Seller

beforeAll(async () => {
  story = await startStory()
  seller = await setUpSeller(story, [DE])
})
afterAll(() => story?.stop())

/** A linked return, from Amazon to both stores. */
async function aReturn(reference: string): Promise<void> {
  await giveOrders(story, [salesOrder(reference, seller.channels[DE])])
  tellAmazon(story, DE, [reportRow(reference)])
  await fetchReports(story, seller)
  await returnEverywhere(story, reference, ({ link }) => link.status === 'LINKED')
}

/** The next order number whose records share a partition with those of another. */
function besides(reference: string): string {
  const partition = partitionOf('amazon-return-rows.v1', reference)
  for (;;) {
    const next = freshReference()
    if (partitionOf('amazon-return-rows.v1', next) === partition) return next
  }
}

async function writeBytes(topic: TopicName, partition: number, value: Buffer): Promise<void> {
  const producer = story.kafka.client.producer()
  await producer.connect()
  await producer.send({
    topic: story.kafka.physical(topic),
    messages: [{ key: 'garbage', value, partition, headers: { ce_id: 'of-the-origin' } }],
  })
  await producer.disconnect()
}

test('I1, I6: a record that nobody can decode is one dead letter a reader; its neighbours pass and nothing stops', async () => {
  const before = freshReference()
  const after = besides(before)
  const pids = Object.values(story.backhaul.services).map((service) => service.pid)
  await aReturn(before)
  const partition = partitionOf('amazon-return-rows.v1', before)
  for (const [topic] of readers) {
    await writeBytes(topic, topics[topic].partitions === 1 ? 0 : partition, GARBAGE)
  }
  await aReturn(after)

  for (const [topic, services] of readers) {
    for (const service of services) {
      const letters = await eventually(async () => {
        const all = await rawRecords(story, `dead-letters.${service}.v1`)
        const found = all.filter(({ headers }) => String(headers['origin-topic']) === topic)
        expect(found, `dead letters of ${topic} by ${service}`).not.toHaveLength(0)
        return found
      })
      expect(letters).toHaveLength(1)
      const [letter] = letters
      expect(letter?.value?.equals(GARBAGE)).toBe(true)
      expect(letter?.key?.toString()).toBe('garbage')
      const headers = Object.fromEntries(
        Object.entries(letter?.headers ?? {}).map(([name, value]) => [name, String(value)]),
      )
      expect(headers).toMatchObject({
        'origin-partition': String(topics[topic].partitions === 1 ? 0 : partition),
        'origin-offset': expect.stringMatching(/^\d+$/),
        'error-code': expect.stringMatching(/^UNDECODABLE/),
        'error-message': expect.stringMatching(/.+/),
        'app-version': expect.stringMatching(/.+/),
        step: expect.stringMatching(/.+/),
        attempt: '1',
        ce_id: 'of-the-origin',
      })
    }
  }
  const published = (await runsOf(story.call, seller.integrationId)).filter(
    (run) => run.state === 'PUBLISHED',
  )
  const shown = await story.analytics<{ id: string }>(
    "SELECT report_run_id AS id FROM current_report_runs WHERE state = 'PUBLISHED'",
  )
  expect(new Set(shown.map(({ id }) => id))).toEqual(new Set(published.map((run) => run.reportRunId)))
  expect(Object.values(story.backhaul.services).map((service) => service.pid)).toEqual(pids)
  for (const service of Object.values(story.backhaul.services)) await service.ready()
})
