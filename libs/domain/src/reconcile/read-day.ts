import { readDate } from '../dates.ts'
import { memo } from '../memo.ts'
import type { LocalDate } from '../time.ts'

const day = memo(readDate)

/** The day that a cell names; see `readDate`. */
export const readDay = (text: string | null): LocalDate | null => (text === null ? null : day(text))
