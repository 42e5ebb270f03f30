import { existsSync, readFileSync } from 'node:fs'
import avro from 'avsc'
import { describe, expect, test } from 'vitest'
import type { AvroField, AvroRecord, AvroType } from './schema.ts'
import { renderTypes } from './typescript.ts'
import { newestOf, recordNames, versionsOf } from './versions.ts'

const parse = (schema: AvroRecord) => avro.Type.forSchema(schema as avro.Schema, { wrapUnions: false })

function fields(type: AvroType): AvroField[] {
  if (typeof type === 'string') return []
  if (Array.isArray(type)) return type.flatMap(fields)
  const complex = type as AvroRecord
  const own = complex.fields ?? []
  return [
    ...own,
    ...own.flatMap((f) => fields(f.type)),
    ...fields(complex.items ?? 'null'),
    ...fields(complex.values ?? 'null'),
  ]
}

test('libs/domain/src/records.ts is current: run npm run generate', () => {
  const path = new URL('../../libs/domain/src/records.ts', import.meta.url)
  expect(readFileSync(path, 'utf8')).toBe(renderTypes())
})

describe.each(recordNames)('%s', (name) => {
  const versions = versionsOf(name)

  test('A6: every version reads what every other version wrote (FULL_TRANSITIVE)', () => {
    for (const [r, reader] of versions.entries()) {
      for (const [w, writer] of versions.entries()) {
        expect(() => parse(reader).createResolver(parse(writer)), `v${r + 1} reads v${w + 1}`).not.toThrow()
      }
    }
  })

  test('A6: no version holds an enum, codes are strings', () => {
    for (const [v, schema] of versions.entries()) {
      expect(JSON.stringify(schema), `v${v + 1}`).not.toContain('"enum"')
    }
  })

  test('every field says what it is', () => {
    expect(
      fields(newestOf(name))
        .filter((f) => !f.doc)
        .map((f) => f.name),
    ).toEqual([])
  })

  test.each(versions.map((_, v) => v + 1))('the golden bytes of v%i read as before', (v) => {
    const golden = (ending: string) => new URL(`../${name}/golden/v${v}.${ending}`, import.meta.url)
    expect(
      existsSync(golden('bin')),
      `schemas/${name}/golden/v${v}.bin: run node schemas/src/golden.ts`,
    ).toBe(true)
    const reader = parse(newestOf(name))
    const writer = parse(versions[v - 1] as AvroRecord)
    const value = reader.fromBuffer(readFileSync(golden('bin')), reader.createResolver(writer))
    expect(reader.toString(value as object)).toBe(
      reader.toString(reader.fromString(readFileSync(golden('json'), 'utf8')) as object),
    )
  })
})

test('a new required field is caught, with the version that breaks', () => {
  const [v1] = versionsOf('ReportRun') as [AvroRecord]
  const v2 = { ...v1, fields: [...v1.fields, { name: 'mood', type: 'string', doc: 'Mood.' }] }
  expect(() => parse(v2).createResolver(parse(v1))).toThrow(/mood/)
})
