import type { InputOf } from '@backhaul/kafka'

type Input = InputOf<'reconciler'>

/**
 * Neighbouring records that say one thing of one order: its rows of one document, which the fetcher writes one after the
 * other. They are taken in together, so that a return of two lines is one event. Any other record stands alone.
 */
export function* observations(records: Iterable<Input>): Generator<Input[]> {
  let open: Input[] = []
  for (const record of records) {
    const last = open.at(-1)
    if (last && !isOneObservation(last, record)) {
      yield open
      open = []
    }
    open.push(record)
  }
  if (open.length > 0) yield open
}

/** True for two rows of one order in one report run. */
function isOneObservation(a: Input, b: Input): boolean {
  if (a.topic !== 'amazon-return-rows.v1' || b.topic !== 'amazon-return-rows.v1') return false
  return (
    a.value !== null &&
    b.value !== null &&
    a.value.orderReference === b.value.orderReference &&
    a.value.reportRunId === b.value.reportRunId &&
    a.value.tenantId === b.value.tenantId
  )
}
