import type { InputOf } from '@backhaul/kafka'

type Input = InputOf<'reconciler'>

/**
 * Neighbouring records that say one thing of one order: its rows of one document, which the fetcher writes one after the
 * other. They are taken in together, so that a return of two lines is one event. Any other record stands alone.
 */
export function observations(records: readonly Input[]): Input[][] {
  const grouped: Input[][] = []
  let last: string | null = null
  for (const record of records) {
    const of = documentOf(record)
    if (of !== null && of === last) grouped.at(-1)?.push(record)
    else grouped.push([record])
    last = of
  }
  return grouped
}

/** Order and report run of a row; null for what stands alone. */
function documentOf({ topic, value }: Input): string | null {
  if (topic !== 'amazon-return-rows.v1' || value === null) return null
  return JSON.stringify([value.tenantId, value.orderReference, value.reportRunId])
}
