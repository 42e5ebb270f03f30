import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { actAs, freshTopics } from '@backhaul/testing'
import { beforeAll, expect, test } from 'vitest'

const COMMAND = join(import.meta.dirname, '..', 'src', 'commands', 'offsets.ts')

let environment: Record<string, string>
let prefix: string

beforeAll(async () => {
  const topics = await freshTopics()
  environment = topics.environment
  prefix = topics.prefix
})

/** Runs the command as `npm run offsets` does. */
function offsets(...args: string[]): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, ...environment, NO_COLOR: '1' }
    const child = execFile(process.execPath, [COMMAND, ...args], { env }, (_, out, err) =>
      resolve({ code: child.exitCode ?? -1, said: out + err }),
    )
  })
}

test('C20: shows where a group stands, says what would change, and changes it only when told to', async () => {
  const shown = await offsets('show', 'reconciler', '--topic', 'sales-orders.v1')
  expect(shown.code).toBe(0)
  expect(shown.said).toContain(`Group ${prefix}reconciler, members: 0`)
  expect(shown.said.match(/'none'/g)).toHaveLength(4)

  const set = ['set', 'reconciler', '--to', 'earliest', '--topic', 'sales-orders.v1', '--partition', '1']
  const planned = await offsets(...set)
  expect(planned.said).toContain('would go to')
  expect(planned.said).toContain('Nothing was changed: say --apply to do it')
  const kafka = await actAs('reconciler', prefix)
  const at = async () => (await kafka.committed(['sales-orders.v1'])).map(({ offset }) => offset)
  expect(await at()).toEqual([null, null, null, null])

  expect(await offsets(...set, '--apply')).toMatchObject({ code: 0, said: expect.stringContaining('Set.') })
  expect(await at()).toEqual([null, 0n, null, null])
})

test.each([
  [['set', 'postgres-sink', '--to', 'latest'], 'postgres-sink keeps its positions in Postgres'],
  [['set', 'reconciler', '--to', '7'], 'An offset is of one partition: say --topic and --partition'],
  [['set', 'reconciler', '--to', 'soon'], '--to is no offset and no time'],
  [['show', 'order-importer'], 'Say one of:'],
  [['show', 'reconciler', '--topic', 'nothing'], 'There is no topic nothing in the flow'],
  [['show', 'reconciler', '--bogus'], "Unknown option '--bogus'"],
])('%j is refused with a sentence', async (args, sentence) => {
  const { code, said } = await offsets(...args)
  expect(code).toBe(1)
  expect(said).toContain(sentence)
  expect(said).not.toContain('    at ')
})
