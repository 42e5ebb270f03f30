/** Texts remembered by each function. Days, words and reasons are far fewer; more would be odd input, to be forgotten. */
const MOST_TEXTS = 1_000

/** A pure function of a text that remembers what it made of recent ones: the cells of a report repeat. */
export function memo<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const seen = known.get(text)
    if (seen !== undefined || known.has(text)) return seen as T
    if (known.size >= MOST_TEXTS) known.clear()
    const made = read(text)
    known.set(text, made)
    return made
  }
}
