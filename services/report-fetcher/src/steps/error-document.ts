const MOST_LETTERS = 400

/**
 * What an error document of Amazon says, in words: its `errorDetails`, or its text when it is short and no table, as a table
 * may hold buyer data. Null when there is nothing that may be shown.
 */
export function errorWords(document: string): string | null {
  const text = document.trim()
  let told = text
  try {
    const parsed = JSON.parse(text)
    told = String(parsed.errorDetails ?? parsed.message ?? parsed.errors?.[0]?.message ?? '')
  } catch {
    if (text.includes('\t')) return null
  }
  const words = told
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
  return words === '' ? null : words.slice(0, MOST_LETTERS)
}
