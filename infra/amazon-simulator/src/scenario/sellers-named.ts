import type { Change } from './change.ts'

/** A seller that a change names, and where. */
export interface NamedSeller {
  readonly path: readonly PropertyKey[]
  readonly sellerId: string
}

/** Every place of a change that names a seller. */
export function sellersNamedIn(change: Change, base: readonly PropertyKey[] = []): NamedSeller[] {
  const { faults, reports, schedules, madeElsewhere, limits, revoke, authorise, deny } = change
  const withSeller = { faults, reports, schedules, madeElsewhere }
  const places = [
    ...Object.entries(withSeller).flatMap(([key, list]) =>
      list.map(({ sellerId }, n) => ({ path: [key, n, 'seller'], sellerId })),
    ),
    ...(limits?.plans ?? []).map(({ sellerId }, n) => ({ path: ['limits', 'plans', n, 'seller'], sellerId })),
    ...Object.entries({ revoke, authorise }).flatMap(([key, list]) =>
      list.map((sellerId, n) => ({ path: [key, n], sellerId })),
    ),
    ...deny.map(({ seller: sellerId }, n) => ({ path: ['deny', n, 'seller'], sellerId })),
  ]
  return places.flatMap(({ path, sellerId }) =>
    sellerId === undefined ? [] : [{ path: [...base, ...path], sellerId }],
  )
}
