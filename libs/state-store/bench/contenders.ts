import { StateTable } from '../src/index.ts'

/** What is measured. Keys come as bytes, as a consumer gets them. */
export interface Contender {
  put(key: Buffer, value: Buffer): void
  get(key: Buffer): Buffer | undefined
  readonly table?: StateTable
}

export const LIMIT_BYTES = 8 * 2 ** 30

export const contenders = {
  'Map<string, Buffer>': (): Contender => {
    const map = new Map<string, Buffer>()
    return {
      put: (key, value) => map.set(key.toString('latin1'), Buffer.from(value)),
      get: (key) => map.get(key.toString('latin1')),
    }
  },
  'StateTable, keys as bytes': (): Contender => {
    const table = new StateTable({ limitBytes: LIMIT_BYTES })
    return { table, put: (key, value) => table.put(key, value), get: (key) => table.get(key) }
  },
  'StateTable, keys as text': (): Contender => {
    const table = new StateTable({ limitBytes: LIMIT_BYTES })
    return {
      table,
      put: (key, value) => table.put(key.toString('latin1'), value),
      get: (key) => table.get(key.toString('latin1')),
    }
  },
} as const

export type ContenderName = keyof typeof contenders
export const names = Object.keys(contenders) as ContenderName[]
