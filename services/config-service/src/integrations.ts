import { randomUUID } from 'node:crypto'
import { marketplaceByCountry, marketplaceById, normaliseReason } from '@backhaul/domain'
import { HttpFault, notFound } from '@backhaul/http'
import type { Knex } from 'knex'
import type { ChangedIntegration, Integration, NewIntegration, Snapshot } from './rules/settings.ts'

type Settings = Omit<Snapshot, 'id' | 'tenantId' | 'version' | 'createdAt' | 'channels'>

interface Row {
  readonly id: string
  readonly tenant_id: string
  readonly version: number
  readonly state: Integration['state']
  readonly seller_id: string | null
  readonly settings: Settings
  readonly version_created_at: Date
}

/** Who changes, for whom. */
export interface Actor {
  readonly tenantId: string
  readonly keyId: string
}

/** Integrations and their immutable versions: every change, of settings or of a mapping, makes a new version. */
export class Integrations {
  readonly #db: Knex

  constructor(db: Knex) {
    this.#db = db
  }

  async create({ tenantId, keyId }: Actor, given: NewIntegration): Promise<Integration> {
    const id = `int_${randomUUID()}`
    const settings: Settings = {
      ...given,
      region: regionOf(given.mainMarketplace),
      marketplaces: [],
      reasons: [],
    }
    await this.#db.transaction(async (tx) => {
      await tx('integrations').insert({ id, tenant_id: tenantId, version: 1, state: 'unauthorised' })
      await tx('integration_versions').insert({ integration_id: id, version: 1, settings, created_by: keyId })
    })
    return this.get(tenantId, id)
  }

  /** @param tenantId `*` for all tenants. @throws HttpFault 404. */
  async get(tenantId: string, id: string): Promise<Integration> {
    const row = await this.#rows(tenantId).where('i.id', id).first()
    if (!row) throw notFound(`Integration ${id}`)
    return this.#toIntegration(row)
  }

  async list(tenantId: string): Promise<Integration[]> {
    const rows = await this.#rows(tenantId).orderBy('i.id')
    return Promise.all(rows.map((row) => this.#toIntegration(row)))
  }

  /** One version as it was saved. @throws HttpFault 404. */
  async version(tenantId: string, id: string, version: number): Promise<Snapshot> {
    const row = await this.#rows(tenantId, version).where('i.id', id).first()
    if (!row) throw notFound(`Version ${version} of integration ${id}`)
    return this.#toSnapshot(row)
  }

  async versions(tenantId: string, id: string): Promise<Snapshot[]> {
    const { version } = await this.get(tenantId, id)
    return Promise.all(Array.from({ length: version }, (_, n) => this.version(tenantId, id, n + 1)))
  }

  change(actor: Actor, id: string, given: ChangedIntegration, expected: number | null): Promise<Integration> {
    return this.#save(actor, id, expected, async (settings) => {
      const changed = { ...settings, ...withoutUndefined(given) } as Settings
      const region = regionOf(changed.mainMarketplace)
      for (const { marketplaceId } of changed.marketplaces) checkRegion(marketplaceId, region)
      return { ...changed, region }
    })
  }

  /** RC-38 to RC-45: maps marketplaces to channels; those not named are not imported. */
  mapMarketplaces(
    actor: Actor,
    id: string,
    mappings: readonly { marketplaceId: string; channelId: string | null }[],
  ): Promise<Integration> {
    return this.#save(actor, id, null, async (settings, tx) => {
      refuseRepeated(mappings.map((m) => m.marketplaceId))
      const mapped = mappings.filter(
        (m): m is { marketplaceId: string; channelId: string } => m.channelId !== null,
      )
      for (const { marketplaceId } of mappings) checkRegion(marketplaceId, settings.region)
      const ids = mapped.map((m) => m.channelId)
      const known = await tx('channels')
        .where({ tenant_id: actor.tenantId })
        .whereIn('id', ids)
        .forShare()
        .pluck('id')
      const unknown = ids.filter((channel) => !known.includes(channel))
      if (unknown.length > 0) {
        throw new HttpFault(
          422,
          'CHANNEL_UNKNOWN',
          `Channel ${unknown.join(', ')} does not exist: create it first`,
        )
      }
      return { ...settings, marketplaces: mapped }
    })
  }

  /** RC-50 to RC-56: maps Amazon's reasons, in any spelling, to return reasons. Imported returns keep theirs. */
  mapReasons(
    actor: Actor,
    id: string,
    mappings: readonly { amazonReason: string; returnReasonId: string | null }[],
  ): Promise<Integration> {
    return this.#save(actor, id, null, async (settings, tx) => {
      const normalised = mappings.map((m) => ({ ...m, amazonReason: normaliseReason(m.amazonReason) ?? '' }))
      refuseRepeated(normalised.map((m) => m.amazonReason))
      const reasons = normalised.filter(
        (m): m is { amazonReason: string; returnReasonId: string } => m.returnReasonId !== null,
      )
      const ids = reasons.map((m) => m.returnReasonId)
      const known = await tx('return_reasons')
        .where({ tenant_id: actor.tenantId })
        .whereIn('id', ids)
        .forShare()
        .pluck('id')
      const unknown = ids.filter((reason) => !known.includes(reason))
      if (unknown.length > 0) {
        throw new HttpFault(
          422,
          'RETURN_REASON_UNKNOWN',
          `Return reason ${unknown.join(', ')} does not exist`,
        )
      }
      return { ...settings, reasons }
    })
  }

  async #save(
    { tenantId, keyId }: Actor,
    id: string,
    expected: number | null,
    change: (settings: Settings, tx: Knex.Transaction) => Promise<Settings>,
  ): Promise<Integration> {
    await this.#db.transaction(async (tx) => {
      const row = await tx('integrations').where({ id, tenant_id: tenantId }).forUpdate().first('version')
      if (!row) throw notFound(`Integration ${id}`)
      if (expected !== null && expected !== row.version) {
        const message = `Integration ${id} is at version ${row.version}, not ${expected}: read it again, then change it`
        throw new HttpFault(412, 'VERSION_CHANGED', message)
      }
      const before = await tx('integration_versions')
        .where({ integration_id: id, version: row.version })
        .first('settings')
      const settings = await change(before.settings, tx)
      const version = row.version + 1
      await tx('integration_versions').insert({ integration_id: id, version, settings, created_by: keyId })
      await tx('integrations').where({ id }).update({ version })
    })
    return this.get(tenantId, id)
  }

  #rows(tenantId: string, version: number | null = null) {
    const rows = this.#db('integrations as i')
      .join('integration_versions as v', 'v.integration_id', 'i.id')
      .where('v.version', version ?? this.#db.ref('i.version'))
      .select<Row[]>('i.id', 'i.tenant_id', 'v.version', 'i.state', 'i.seller_id', 'v.settings', {
        version_created_at: 'v.created_at',
      })
    return tenantId === '*' ? rows : rows.where('i.tenant_id', tenantId)
  }

  async #toSnapshot(row: Row): Promise<Snapshot> {
    const channels = await this.#db('channels')
      .where({ tenant_id: row.tenant_id })
      .orderBy('name')
      .select('id', 'name')
    return {
      id: row.id,
      tenantId: row.tenant_id,
      version: row.version,
      ...row.settings,
      channels,
      createdAt: row.version_created_at.toISOString(),
    }
  }

  async #toIntegration(row: Row): Promise<Integration> {
    return { ...(await this.#toSnapshot(row)), state: row.state, sellerId: row.seller_id }
  }
}

/** RC-25: the main marketplace decides the region. */
const regionOf = (country: string): Snapshot['region'] => marketplaceByCountry(country)?.region ?? 'eu'

function checkRegion(marketplaceId: string, region: string): void {
  const marketplace = marketplaceById(marketplaceId)
  if (!marketplace)
    throw new HttpFault(422, 'MARKETPLACE_UNKNOWN', `${marketplaceId} is not one of Amazon's marketplaces`)
  if (marketplace.region !== region) {
    const message = `${marketplace.name} (${marketplaceId}) is in the region ${marketplace.region}, the integration in ${region}`
    throw new HttpFault(422, 'MARKETPLACE_OTHER_REGION', `${message}: make an integration of its own for it`)
  }
}

function refuseRepeated(keys: readonly string[]): void {
  const repeated = keys.find((key, n) => keys.indexOf(key) !== n)
  if (repeated !== undefined) throw new HttpFault(422, 'MAPPING_REPEATED', `${repeated} is mapped twice`)
}

const withoutUndefined = (given: object) =>
  Object.fromEntries(Object.entries(given).filter(([, v]) => v !== undefined))
