import { memo } from '../memo.ts'
import { readMoney } from '../money.ts'
import type { Money } from '../records.ts'

const inCurrency = memo((currency) => memo((text): Money | null => readMoney(text, currency)))

/** The amount that a cell tells; see `readMoney`. Prices repeat: reading one takes a microsecond. */
export const readAmount = (text: string | null, currency: string | null): Money | null =>
  text === null || currency === null ? null : inCurrency(currency)(text)
