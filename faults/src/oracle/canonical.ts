/** JSON with sorted names, so that equal values give equal text. */
export const canonical = (value: unknown): string => JSON.stringify(value, sortedNames)

function sortedNames(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
