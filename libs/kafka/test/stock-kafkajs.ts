import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** A module of kafkajs as it is published, none of our fixes in it or in what it loads. */
export function stock<T>(path: string): T {
  const ours = Object.entries(require.cache).filter(([id]) => id.includes('/kafkajs/'))
  for (const [id] of ours) delete require.cache[id]
  try {
    return require(path) as T
  } finally {
    for (const id of Object.keys(require.cache)) if (id.includes('/kafkajs/')) delete require.cache[id]
    for (const [id, module] of ours) require.cache[id] = module
  }
}
