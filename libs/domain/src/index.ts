export * from './fault.ts'
export * from './records.ts'
export * from './time.ts'
