export { Arena } from './arena.ts'
export { Codec } from './codec.ts'
