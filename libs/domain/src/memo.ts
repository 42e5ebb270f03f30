/** Values remembered by each function. Days, words and reasons are far fewer; more would be odd input, to be forgotten. */
const MOST_VALUES = 1_000

/** A pure function of a text or number that remembers what it made of recent ones: the cells of a report repeat. */
export function memo<T, K = string>(read: (value: K) => T): (value: K) => T {
  const known = new Map<K, T>()
  return (value) => {
    const seen = known.get(value)
    if (seen !== undefined || known.has(value)) return seen as T
    if (known.size >= MOST_VALUES) known.clear()
    const made = read(value)
    known.set(value, made)
    return made
  }
}
