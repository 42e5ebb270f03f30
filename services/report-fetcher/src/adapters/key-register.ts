import { createHmac } from 'node:crypto'
import { Fault } from '@backhaul/domain'
import type { Knex } from 'knex'
import type { ArchiveKey } from './sealed.ts'

/**
 * Notes the key that seals from now on, and makes sure that every key is there that ever sealed: without one, documents
 * could be read no more, which is better known at the start.
 *
 * @param keys The first one seals.
 * @throws Fault `ARCHIVE_KEY_UNKNOWN` when one is missing, `ARCHIVE_KEY_INVALID` when another has its id.
 */
export async function registerKeys(db: Knex, keys: readonly ArchiveKey[]): Promise<void> {
  const given = new Map(keys.map((key) => [key.id, fingerprintOf(key)]))
  const known = await db('archive_keys').select('id', 'fingerprint')
  for (const { id, fingerprint } of known) {
    const found = given.get(id)
    if (found === undefined)
      throw new Fault(
        'ARCHIVE_KEY_UNKNOWN',
        `Documents of the archive were sealed with key ${id}, which is not in ARCHIVE_KEYS: add it behind the first`,
      )
    if (found !== fingerprint)
      throw new Fault(
        'ARCHIVE_KEY_INVALID',
        `ARCHIVE_KEYS has another key ${id} than the one that sealed documents: give a new key an id of its own, and keep the old one behind it`,
      )
  }
  const [first] = keys
  if (first)
    await db('archive_keys')
      .insert({ id: first.id, fingerprint: fingerprintOf(first) })
      .onConflict('id')
      .ignore()
}

/** Tells keys apart, and nothing of them. */
const fingerprintOf = ({ key }: ArchiveKey): string =>
  createHmac('sha256', key).update('archive key').digest('hex')
