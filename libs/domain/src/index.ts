export * from './fault.ts'
export * from './time.ts'
