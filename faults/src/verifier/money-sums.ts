import type { ReturnItem } from '@backhaul/domain'

/** Refunds and prices of all items that apply, by currency: what should be there against what is. */
export class MoneySums {
  readonly #expected = new Map<string, number>()
  readonly #seen = new Map<string, number>()

  expect(items: readonly ReturnItem[]): void {
    add(items, this.#expected)
  }

  see(items: readonly ReturnItem[]): void {
    add(items, this.#seen)
  }

  /** Minor units too many (above 0) or too few, for each currency. */
  differences(): Record<string, number> {
    const currencies = new Set([...this.#expected.keys(), ...this.#seen.keys()])
    return Object.fromEntries(
      [...currencies].map((c) => [c, (this.#seen.get(c) ?? 0) - (this.#expected.get(c) ?? 0)]),
    )
  }
}

function add(items: readonly ReturnItem[], sums: Map<string, number>): void {
  for (const { removed, refunded, orderAmount } of items) {
    if (removed) continue
    for (const money of [refunded, orderAmount]) {
      if (money) sums.set(money.currency, (sums.get(money.currency) ?? 0) + money.amountMinor)
    }
  }
}
