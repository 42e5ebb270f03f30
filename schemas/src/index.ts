export type { AvroField, AvroRecord, AvroType } from './schema.ts'
export { newestOf, type RecordName, recordNames, versionsOf } from './versions.ts'
