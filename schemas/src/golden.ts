import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import avro from 'avsc'
import { recordNames, versionsOf } from './versions.ts'

// Writes golden bytes of versions that have none. Those that exist are never written again: they are the promise.
for (const name of recordNames) {
  for (const [v, schema] of versionsOf(name).entries()) {
    const folder = new URL(`../${name}/golden/`, import.meta.url)
    const bytes = new URL(`v${v + 1}.bin`, folder)
    if (existsSync(bytes)) continue
    mkdirSync(folder, { recursive: true })
    const type = avro.Type.forSchema(schema as avro.Schema, { wrapUnions: false })
    const value = type.random() as object
    writeFileSync(bytes, type.toBuffer(value))
    writeFileSync(new URL(`v${v + 1}.json`, folder), `${type.toString(value)}\n`)
  }
}
