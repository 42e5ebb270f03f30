import { Fault } from '../fault.ts'
import { marketplaces } from '../marketplaces.ts'
import type { Owner } from './document-row.ts'

const lettersOf = (text: string) =>
  text
    .toLowerCase()
    .replace(/^(https?:\/\/)?www\./, '')
    .replaceAll(/[^a-z0-9]/g, '')

/** Marketplaces by all that names them: id, domain, country, name, name with Amazon's before it. */
const byName = new Map(
  marketplaces.flatMap((m) =>
    [m.id, m.domain, m.country, m.name, `Amazon ${m.name}`, ...(m.country === 'GB' ? ['UK'] : [])].map(
      (name) => [lettersOf(name), m.id] as const,
    ),
  ),
)

/** False for a row that names another of Amazon's marketplaces; a name that is none of theirs tells nothing. */
export function belongsTo(marketplace: string, { marketplaceId }: Owner): boolean {
  const named = byName.get(lettersOf(marketplace))
  return named === undefined || named === marketplaceId
}

/** @throws Fault `DOCUMENT_OF_OTHER_SELLER`: nothing of the document may be read as this seller's. */
export function checkSeller(sellerId: string, owner: Owner): void {
  if (sellerId.toUpperCase() === owner.sellerId.toUpperCase()) return
  throw new Fault(
    'DOCUMENT_OF_OTHER_SELLER',
    "The document names another seller than the integration's: is this the file of another account?",
  )
}
