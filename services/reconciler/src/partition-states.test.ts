import { Codec } from '@backhaul/codec'
import { expect, test, vi } from 'vitest'
import type { Events } from './events.ts'
import { PartitionStates, type PartitionStatesOptions } from './partition-states.ts'

const MEBIBYTE = 2 ** 20

function statesOf(given: Partial<PartitionStatesOptions> = {}) {
  const events = { restored: vi.fn(), stateHeld: vi.fn() }
  const nothing = async function* () {}
  const kafka = { readToEnd: nothing } as never
  const states = new PartitionStates({
    kafka,
    codec: new Codec('http://127.0.0.1:1'),
    events: events as never as Events,
    snapshots: null,
    snapshotEveryMs: 1,
    limitBytes: 64 * MEBIBYTE,
    standby: false,
    ...given,
  })
  return { states, events }
}

test('R18: a state that outgrows its limit stops with the numbers; memory is told, and stays within', async () => {
  const { states, events } = statesOf()
  const { table } = await states.restore(0, new Map())
  const value = Buffer.alloc(MEBIBYTE)
  const fill = () => {
    for (let n = 0; n < 64; n++) table.put(`s${n}`, value)
  }
  expect(fill).toThrow(expect.objectContaining({ code: 'STATE_TOO_LARGE', retryable: false }))
  states.checkpoint(0, new Map(), false)
  const [partition, keys, bytes] = events.stateHeld.mock.calls.at(-1) as [number, number, number]
  expect([partition, keys]).toEqual([0, table.size])
  expect(bytes).toBeGreaterThan(16 * MEBIBYTE)
  expect(bytes).toBeLessThanOrEqual(64 * MEBIBYTE)
})
