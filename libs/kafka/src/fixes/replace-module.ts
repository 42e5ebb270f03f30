import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/**
 * Puts our exports in the place of a module of kafkajs, for all that load it afterwards.
 *
 * @throws Error when kafkajs has no such module: then it is not the version that these fixes are for.
 */
export function replaceModule(path: string, exports: unknown): void {
  const id = require.resolve(path)
  require.cache[id] = { id, filename: id, loaded: true, children: [], paths: [], exports } as never
}

/** Replaces a module by what is made of its exports; several fixes may wrap one module. */
export function wrapModule<T>(path: string, wrap: (exports: T) => T): void {
  replaceModule(path, wrap(require(path) as T))
}
