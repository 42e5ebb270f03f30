import { createHash } from 'node:crypto'
import type { Knex } from 'knex'
import { refusal } from './errors.ts'

/** Who creates, and how the call is known again. */
export interface Creator {
  readonly tenantId: string
  readonly keyId: string
  /** The caller's `Idempotency-Key`; without one every call creates. */
  readonly idempotencyKey: string | undefined
}

/**
 * Creates once for each key of a tenant: the same call again gets the answer of the first, for ever. A call that is refused
 * leaves nothing, so its key can be sent again.
 *
 * @param request All that was asked for, to tell a repeated call from another one.
 * @throws HttpFault 422 `KEY_REUSED`.
 */
export async function once<T extends object>(
  tx: Knex.Transaction,
  { tenantId, idempotencyKey }: Creator,
  request: object,
  create: () => Promise<T>,
): Promise<T> {
  if (idempotencyKey === undefined) return create()
  const call = { tenant_id: tenantId, idempotency_key: idempotencyKey }
  const request_sha256 = createHash('sha256').update(JSON.stringify(request)).digest('hex')
  // A call with the same key that is under way is waited for here.
  const [first] = await tx('creations')
    .insert({ ...call, request_sha256 })
    .onConflict(['tenant_id', 'idempotency_key'])
    .ignore()
    .returning('idempotency_key')
  if (!first) {
    const before = await tx('creations').where(call).first()
    if (before.request_sha256 === request_sha256) return before.answer
    const message = `The Idempotency-Key ${idempotencyKey} was sent before with another request: choose a new one`
    throw refusal(422, 'KEY_REUSED', message)
  }
  const answer = await create()
  await tx('creations')
    .where(call)
    .update({ answer: JSON.stringify(answer) })
  return answer
}
