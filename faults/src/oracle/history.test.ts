import type { ReturnOrder } from '@backhaul/domain'
import { returnRow, salesOrder } from '@backhaul/domain/builders'
import { expect, test } from 'vitest'
import { settingsVersion } from '../load/settings.ts'
import { type CaseInputs, CaseOracle } from './history.ts'
import { afterOrder, afterRow } from './known.ts'
import { expectedReturns } from './returns.ts'

const rowTime = returnRow().fetchedAt
const orderTime = rowTime + 1
const inputs: CaseInputs = {
  rows: [{ row: returnRow(), timestamp: rowTime, observation: 1 }],
  orders: [{ channelId: 'channel-de', state: salesOrder(), timestamp: orderTime }],
}
const rows = afterRow(new Map(), returnRow(), settingsVersion)
const orders = afterOrder(new Map(), 'channel-de', salesOrder())

const event = (version: number, withOrder: boolean, changedAt: number): ReturnOrder => {
  const [expected] = expectedReturns(rows, withOrder ? orders : new Map(), settingsVersion)
  const changes = version === 1 ? [] : [{ path: 'link.status', before: null, after: null }]
  return { ...(expected as object as ReturnOrder), generation: 1, version, changes, changedAt }
}
const waiting = event(1, false, rowTime)
const linked = event(2, true, orderTime)
const oracle = () => new CaseOracle(inputs, settingsVersion)

test('A3: return first and order first are both explained', () => {
  expect(oracle().explains([waiting, linked])).toBe(true)
  expect(oracle().explains([event(1, true, rowTime)])).toBe(true)
})

test('I1: a history that lacks its last event is not explained', () => {
  expect(oracle().explains([waiting])).toBe(false)
})

test('I2: an event that is there twice is not explained', () => {
  expect(oracle().explains([waiting, linked, linked])).toBe(false)
})

test('I4: an event that goes back to waiting is not explained, and its end is not true', () => {
  const back = event(3, false, orderTime)
  expect(oracle().explains([waiting, linked, back])).toBe(false)
  const [final] = oracle().final()
  expect(oracle().isTrue(final as never, linked)).toBe(true)
  expect(oracle().isTrue(final as never, back)).toBe(false)
})
