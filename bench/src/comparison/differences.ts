import { isDeepStrictEqual } from 'node:util'

/** Where two values differ, as `path: ours ≠ theirs`. */
export function differences(ours: unknown, theirs: unknown, path = ''): string[] {
  if (isDeepStrictEqual(ours, theirs)) return []
  if (isObject(ours) && isObject(theirs)) {
    const names = new Set([...Object.keys(ours), ...Object.keys(theirs)])
    return [...names].flatMap((name) =>
      differences(ours[name], theirs[name], path ? `${path}.${name}` : name),
    )
  }
  return [`${path}: ${JSON.stringify(ours)} ≠ ${JSON.stringify(theirs)}`]
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
