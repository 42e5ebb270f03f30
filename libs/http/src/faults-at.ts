/** What is wrong with one place of the request. */
export interface ProblemAt {
  /** JSON pointer (RFC 6901) that begins with the part of the request, such as `/body/0/items/2/sku`. */
  readonly pointer: string
  readonly detail: string
}

/** The part of a zod issue that is told. */
interface Issue {
  readonly path: readonly PropertyKey[]
  readonly message: string
  /** Properties that do not exist, in issues about unknown ones. */
  readonly keys?: readonly string[]
}

/**
 * What zod found, by place: one entry for each fault, also for each unknown property. Messages name properties and rules,
 * never values, so that what was sent is not repeated.
 *
 * @param at Place of what was checked, such as `['body', 3]`.
 */
export const faultsAt = (at: readonly PropertyKey[], issues: readonly Issue[]): ProblemAt[] =>
  issues.flatMap(({ path, message, keys }) => {
    const place = [...at, ...path]
    if (!keys) return [{ pointer: toPointer(place), detail: message }]
    return keys.map((key) => ({ pointer: toPointer([...place, key]), detail: 'is not a known property' }))
  })

const toPointer = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
