export type { AvroRecord } from './schema.ts'
export { newestOf, type RecordName, recordNames, versionsOf } from './versions.ts'
