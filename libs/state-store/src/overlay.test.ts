import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Overlay } from './overlay.ts'
import { StateTable } from './state-table.ts'

const options = { limitBytes: 2 ** 20, slabBytes: 1024 }
const bytes = (text: string) => Buffer.from(text)

function filled(): { table: StateTable; overlay: Overlay } {
  const table = new StateTable(options)
  table.put('kept', bytes('old'))
  table.put('gone', bytes('old'))
  return { table, overlay: new Overlay(table) }
}

describe('S4: state never runs ahead of the committed transaction', () => {
  test('S4: the transaction sees its own changes, the table does not', () => {
    const { table, overlay } = filled()
    overlay.put('kept', bytes('new'))
    overlay.put('added', bytes('new'))
    overlay.delete('gone')
    expect(['kept', 'added', 'gone'].map((key) => overlay.get(key)?.toString())).toEqual([
      'new',
      'new',
      undefined,
    ])
    expect(['kept', 'added', 'gone'].map((key) => table.get(key)?.toString())).toEqual([
      'old',
      undefined,
      'old',
    ])
  })

  test('S4: merge keeps the changes, and the overlay is empty', () => {
    const { table, overlay } = filled()
    overlay.put('kept', bytes('new'))
    overlay.delete('gone')
    overlay.merge()
    expect(table.get('kept')).toEqual(bytes('new'))
    expect(table.get('gone')).toBeUndefined()
    expect([...overlay.changed()]).toEqual([])
  })

  test('S4: drop forgets them', () => {
    const { table, overlay } = filled()
    overlay.put('kept', bytes('new'))
    overlay.delete('gone')
    overlay.drop()
    overlay.merge()
    expect(overlay.get('kept')).toEqual(bytes('old'))
    expect(table.get('gone')).toEqual(bytes('old'))
  })

  test('S4: the last change of a key counts, in either form of the key', () => {
    const { overlay } = filled()
    overlay.put('ü', bytes('1'))
    overlay.delete(bytes('ü'))
    overlay.put('kept', bytes('2'))
    overlay.put(bytes('kept'), bytes('3'))
    expect(overlay.get('ü')).toBeUndefined()
    expect(overlay.get('kept')).toEqual(bytes('3'))
    expect([...overlay.changed()].map(({ value }) => value)).toEqual([null, bytes('3')])
  })

  test('S4: any run of transactions leaves what the committed ones did', () => {
    const change = fc.record({
      key: fc.integer({ min: 0, max: 20 }).map(String),
      value: fc.option(fc.uint8Array({ maxLength: 100 })),
    })
    const transaction = fc.record({ changes: fc.array(change, { maxLength: 20 }), commits: fc.boolean() })
    fc.assert(
      fc.property(fc.array(transaction, { maxLength: 60, size: 'max' }), (transactions) => {
        const table = new StateTable(options)
        const overlay = new Overlay(table)
        let model = new Map<string, Buffer>()
        for (const { changes, commits } of transactions) {
          const next = new Map(model)
          for (const { key, value } of changes) {
            if (value) {
              overlay.put(key, Buffer.from(value))
              next.set(key, Buffer.from(value))
            } else {
              overlay.delete(key)
              next.delete(key)
            }
            expect(overlay.get(key)).toEqual(next.get(key))
          }
          if (commits) {
            overlay.merge()
            model = next
          } else overlay.drop()
          for (let key = 0; key <= 20; key++) {
            expect(overlay.get(String(key))).toEqual(model.get(String(key)))
          }
        }
        expect(table.size).toBe(model.size)
      }),
    )
  })
})

test('S3: a merge that the table has no room for says so', () => {
  const overlay = new Overlay(new StateTable({ limitBytes: 32 * 1024, slabBytes: 1024 }))
  for (let i = 0; i < 100; i++) overlay.put(`order-${i}`, Buffer.alloc(500))
  expect(() => overlay.merge()).toThrow(expect.objectContaining({ code: 'STATE_TOO_LARGE' }))
})

test('S8: what the table would refuse is refused before the commit, not at merge', () => {
  const { overlay } = filled()
  expect(() => overlay.put('kept', Buffer.alloc(2000))).toThrow(
    expect.objectContaining({ code: 'RECORD_TOO_LARGE' }),
  )
  expect(() => overlay.put('\ud800', bytes('x'))).toThrow(expect.objectContaining({ code: 'KEY_MALFORMED' }))
  expect(() => overlay.delete('\ud800')).toThrow(expect.objectContaining({ code: 'KEY_MALFORMED' }))
  expect([...overlay.changed()]).toEqual([])
})
