import type { FieldChange, ReturnItem, ReturnOrder } from '../records.ts'

/** Fields that tell how a version came to be; a difference in them alone is no change. */
const NOT_MATERIAL = new Set([
  'generation',
  'version',
  'changes',
  'changedAt',
  'firstImportedAt',
  'provenance',
  'configVersion',
])

/** How the elements of a list are told apart; lists without an id are compared whole. */
const ID_OF: Readonly<Record<string, string>> = { items: 'returnItemId', parcels: 'parcelId' }

/**
 * The next version of a return, or 'same' when nothing material changed (A1).
 *
 * The event carries the full state and what changed (A5). Items emitted before and gone now stay, with
 * `removed = true`, so that readers need no memory. Version 1 has no changes.
 *
 * @param now The return as the facts have it, as its first version.
 */
export function nextVersion(emitted: ReturnOrder | undefined, now: ReturnOrder): ReturnOrder | 'same' {
  if (!emitted) return now
  const changes: FieldChange[] = []
  const next: ReturnOrder = {
    ...now,
    version: emitted.version + 1,
    items: [...now.items, ...gone(emitted.items, now.items)],
    changes,
    firstImportedAt: Math.min(emitted.firstImportedAt, now.firstImportedAt),
  }
  for (const name of Object.keys(now)) {
    if (NOT_MATERIAL.has(name)) continue
    compareField(name, (emitted as object as Fields)[name], (next as object as Fields)[name], changes)
  }
  return changes.length === 0 ? 'same' : next
}

type Fields = Readonly<Record<string, unknown>>

function gone(before: readonly ReturnItem[], now: readonly ReturnItem[]): ReturnItem[] {
  const ids = new Set(now.map((i) => i.returnItemId))
  return before.filter((i) => !ids.has(i.returnItemId)).map((i) => ({ ...i, removed: true }))
}

function compareField(path: string, before: unknown, after: unknown, into: FieldChange[]): void {
  if (before === after) return
  if (Array.isArray(before) && Array.isArray(after)) {
    compareLists(path, before, after, into)
  } else if (isFields(before) && isFields(after)) {
    for (const name of Object.keys(before)) {
      if (before[name] !== after[name]) compareField(`${path}.${name}`, before[name], after[name], into)
    }
    for (const name of Object.keys(after)) {
      if (!Object.hasOwn(before, name)) compareField(`${path}.${name}`, undefined, after[name], into)
    }
  } else {
    into.push({ path, before: asText(before), after: asText(after) })
  }
}

function compareLists(
  path: string,
  before: readonly unknown[],
  after: readonly unknown[],
  into: FieldChange[],
): void {
  if (before.length === 0 && after.length === 0) return
  const id = ID_OF[path]
  if (id === undefined) {
    const [was, is] = [JSON.stringify(before), JSON.stringify(after)]
    if (was !== is) into.push({ path, before: was, after: is })
    return
  }
  if (isSameOrder(id, before, after)) {
    for (const [n, element] of before.entries()) {
      compareField(`${path}[${(element as Fields)[id]}]`, element, after[n], into)
    }
    return
  }
  const byId = (list: readonly unknown[]) =>
    new Map(list.map((element) => [(element as Fields)[id], element]))
  const [was, is] = [byId(before), byId(after)]
  for (const key of new Set([...was.keys(), ...is.keys()])) {
    compareField(`${path}[${key}]`, was.get(key), is.get(key), into)
  }
}

/** True for two lists of the same elements in one order, however those have changed. */
const isSameOrder = (id: string, before: readonly unknown[], after: readonly unknown[]): boolean =>
  before.length === after.length &&
  before.every((element, n) => (element as Fields)[id] === (after[n] as Fields)[id])

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const asText = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value))
