/** Why a return, or an item of it, is not tied to a sales order: a closed list. */
export const linkReasons = {
  ORDER_MISSING: {
    words: 'No sales order with this number is known.',
    nextStep: 'Import the sales order into the channel of the marketplace; the return links by itself then.',
  },
  ORDER_IN_OTHER_CHANNEL: {
    words: 'The sales order is in another channel than the one its marketplace is mapped to.',
    nextStep: 'Move the order to the mapped channel, or map the marketplace to the channel of the order.',
  },
  SKU_UNKNOWN: {
    words: 'The sales order has no line with this SKU.',
    nextStep: 'Correct the SKU of the order line, or assign the item by hand.',
  },
} as const

export type LinkReason = keyof typeof linkReasons

/** The reason in words, what was found, and the next step. */
export function linkDetail(reason: LinkReason, found = ''): string {
  const { words, nextStep } = linkReasons[reason]
  return [words, found, nextStep].filter(Boolean).join(' ')
}
