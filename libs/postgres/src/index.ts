export { toFault } from './faults.ts'
export { migrate, type OwnedSchema, openKnex } from './schema.ts'
