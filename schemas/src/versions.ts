import { readdirSync, readFileSync } from 'node:fs'
import type { AvroRecord } from './schema.ts'

/** Records that topics carry, each a folder of versions. */
export const recordNames = [
  'AmazonReturnRow',
  'SalesOrder',
  'ReturnOrder',
  'ReportRun',
  'OrderState',
] as const
export type RecordName = (typeof recordNames)[number]

const folder = (name: RecordName) => new URL(`../${name}/`, import.meta.url)

/** All versions of a record, oldest first. Every one reads what every other wrote (FULL_TRANSITIVE). */
export function versionsOf(name: RecordName): AvroRecord[] {
  const versions = readdirSync(folder(name)).filter((file) => /^v\d+\.avsc$/.test(file))
  return versions
    .map((file) => Number(file.slice(1, -'.avsc'.length)))
    .sort((a, b) => a - b)
    .map((n) => JSON.parse(readFileSync(new URL(`v${n}.avsc`, folder(name)), 'utf8')) as AvroRecord)
}

/** The version that we write. */
export const newestOf = (name: RecordName): AvroRecord => versionsOf(name).at(-1) as AvroRecord
