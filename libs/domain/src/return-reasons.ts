import { memo } from './memo.ts'

/** A reason that Amazon gives, with our words and group. The list is open: unknown codes are kept as they are. */
export interface KnownReason {
  readonly code: string
  readonly words: string
  readonly group:
    | 'remorse'
    | 'defective'
    | 'damaged'
    | 'wrong-item'
    | 'not-as-described'
    | 'fit'
    | 'late'
    | 'other'
}

const reason = (code: string, words: string, group: KnownReason['group']): KnownReason => ({
  code,
  words,
  group,
})

/**
 * Reasons met in return reports, in normalised form.
 * Source: Amazon's return pages, the Fulfillment Outbound model and real documents; not complete, by nature.
 */
export const knownReasons: readonly KnownReason[] = [
  reason('UNWANTED_ITEM', 'No longer needed', 'remorse'),
  reason('ORDERED_WRONG_ITEM', 'Bought by mistake', 'remorse'),
  reason('FOUND_BETTER_PRICE', 'Better price available', 'remorse'),
  reason('UNAUTHORIZED_PURCHASE', "Didn't approve purchase", 'remorse'),
  reason('DEFECTIVE', "Item defective or doesn't work", 'defective'),
  reason('QUALITY_UNACCEPTABLE', 'Performance or quality not adequate', 'defective'),
  reason('MISSING_PARTS', 'Missing parts or accessories', 'defective'),
  reason('DAMAGED_BY_FC', 'Product damaged, but shipping box OK', 'damaged'),
  reason('DAMAGED_BY_CARRIER', 'Product and shipping box both damaged', 'damaged'),
  reason('SWITCHEROO', 'Wrong item was sent', 'wrong-item'),
  reason('EXTRA_ITEM', "Received extra item I didn't buy", 'wrong-item'),
  reason('AMZ_PG_BAD_DESC', 'Inaccurate website description', 'not-as-described'),
  reason('NOT_COMPATIBLE', 'Incompatible or not useful', 'not-as-described'),
  reason('NOT_AS_PHOTO', 'Not as pictured', 'not-as-described'),
  reason('MISSED_ESTIMATED_DELIVERY', 'Item arrived too late', 'late'),
  reason('AMZ_PG_APP_TOO_LATE', 'Item arrived too late (apparel)', 'late'),
  reason('AMZ_PG_APP_TOO_SMALL', 'Too small (apparel)', 'fit'),
  reason('AMZ_PG_APP_TOO_LARGE', 'Too large (apparel)', 'fit'),
  reason('AMZ_PG_APP_STYLE', 'Style not as expected (apparel)', 'fit'),
  reason('AMZ_PG_WJ_TOO_SMALL', 'Too small (watches, jewellery)', 'fit'),
  reason('POOR_FIT', 'Poor fit', 'fit'),
  reason('DID_NOT_LIKE_COLOR', "Didn't like the colour", 'fit'),
  reason('DID_NOT_LIKE_FABRIC', "Didn't like the fabric", 'fit'),
  reason('AMZ_PG_MISORDERED', 'Ordered by mistake', 'remorse'),
  reason('AMZ_PG_BAD_ITEM', 'Item defective', 'defective'),
  reason('AMZ_PG_DAMAGED', 'Item damaged', 'damaged'),
  reason('NO_REASON_GIVEN', 'No reason given', 'other'),
  reason('UND_UNKNOWN', 'Undeliverable, cause unknown', 'other'),
]

/**
 * One spelling for every way a reason is written: `CR-DEFECTIVE`, `cr_defective` and `Defective` are `DEFECTIVE`.
 *
 * @returns Null when blank.
 */
export const normaliseReason = (raw: string | null): string | null => normalised(raw ?? '')

const normalised = memo((raw) => {
  const folded = raw
    .trim()
    .toUpperCase()
    .replaceAll(/[\s_-]+/g, '_')
  const code = folded.replace(/^CR_/, '')
  return code === '' ? null : code
})
