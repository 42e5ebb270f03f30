import { randomUUID } from 'node:crypto'
import { marketplaceByCountry, marketplaceById, normaliseReason } from '@backhaul/domain'
import { notFound } from '@backhaul/http'
import type { Knex } from 'knex'
import type { Database } from './adapters/database.ts'
import { type Creator, once } from './creations.ts'
import { refusal } from './errors.ts'
import type { Channel, MappingTargets, ReturnReason } from './mapping-targets.ts'
import type { ChangedIntegration, Integration, NewIntegration, Snapshot } from './rules/settings.ts'

/** Most integrations that a tenant may have: lists are answered whole. */
const MOST_INTEGRATIONS = 200

/** What a version keeps; it is written once and read as it is. */
type Settings = Omit<Snapshot, 'id' | 'tenantId' | 'version' | 'createdAt'>

interface Row {
  readonly id: string
  readonly tenant_id: string
  readonly version: number
  readonly state: Integration['state']
  readonly seller_id: string | null
  readonly settings: Settings
  readonly version_created_at: Date
}

/** A change of one integration: who asks for it, and the version they saw. */
export interface Change {
  readonly tenantId: string
  readonly keyId: string
  readonly id: string
  /** Null changes whatever is there. */
  readonly expectedVersion: number | null
}

/** Integrations and their immutable versions: every change, of settings or of a mapping, makes a new version. */
export class Integrations {
  readonly #db: Database
  readonly #channels: MappingTargets<Channel>
  readonly #reasons: MappingTargets<ReturnReason>

  constructor(db: Database, channels: MappingTargets<Channel>, reasons: MappingTargets<ReturnReason>) {
    this.#db = db
    this.#channels = channels
    this.#reasons = reasons
  }

  /** @throws HttpFault 409 `LIMIT_REACHED`, 422 `KEY_REUSED`. */
  create(creator: Creator, given: NewIntegration): Promise<Integration> {
    const { tenantId, keyId } = creator
    return this.#db.transaction((tx) =>
      once(tx, creator, { table: 'integrations', ...given }, async () => {
        const others = await tx('integrations').where({ tenant_id: tenantId }).pluck('id')
        if (others.length >= MOST_INTEGRATIONS) {
          const message = `There are ${MOST_INTEGRATIONS} integrations already, the most there may be`
          throw refusal(409, 'LIMIT_REACHED', message)
        }
        const id = `int_${randomUUID()}`
        const settings: Settings = {
          ...given,
          region: regionOf(given.mainMarketplace),
          marketplaces: [],
          reasons: [],
          channels: await channelsOf(tx, tenantId),
        }
        await tx('integrations').insert({ id, tenant_id: tenantId, version: 1, state: 'unauthorised' })
        const version = { integration_id: id, version: 1, settings, created_by: keyId }
        await tx('integration_versions').insert(version)
        return toIntegration(await latestOf(tx, tenantId, id))
      }),
    )
  }

  /** @throws HttpFault 404. */
  async get(tenantId: string, id: string): Promise<Integration> {
    return toIntegration(await this.#db.ask((db) => latestOf(db, tenantId, id)))
  }

  /** @param tenantId `*` for all tenants. */
  async list(tenantId: string): Promise<Integration[]> {
    const rows = await this.#db.ask((db) => latest(db, tenantId).orderBy('i.id'))
    return rows.map(toIntegration)
  }

  /** One version as it was saved. @param tenantId `*` for all tenants. @throws HttpFault 404. */
  async version(tenantId: string, id: string, version: number): Promise<Snapshot> {
    const row = await this.#db.ask((db) =>
      versions(db, tenantId).where({ 'i.id': id, 'v.version': version }).first(),
    )
    if (!row) throw notFound(`Version ${version} of integration ${id}`)
    return toSnapshot(row)
  }

  /** Newest first. @param before Null begins with the newest. @throws HttpFault 404. */
  async versions(tenantId: string, id: string, before: number | null, limit: number): Promise<Snapshot[]> {
    const { version } = await this.get(tenantId, id)
    const rows = await this.#db.ask((db) =>
      versions(db, tenantId)
        .where('i.id', id)
        .where('v.version', '<', before ?? version + 1)
        .orderBy('v.version', 'desc')
        .limit(limit),
    )
    return rows.map(toSnapshot)
  }

  /**
   * Changes settings; those not named stay.
   *
   * @throws HttpFault 404, 412, 422 `MARKETPLACE_OTHER_REGION`, 409 `REGION_FIXED`.
   */
  change(change: Change, given: ChangedIntegration): Promise<Integration> {
    return this.#save(change, async (before, { state }) => {
      const { importSettings = {}, ...others } = given
      const settings: Settings = {
        ...before,
        ...withoutUndefined(others),
        importSettings: { ...before.importSettings, ...withoutUndefined(importSettings) },
      }
      const region = regionOf(settings.mainMarketplace)
      for (const { marketplaceId } of settings.marketplaces) checkRegion(marketplaceId, region)
      if (region !== before.region && state !== 'unauthorised') {
        const message = `Integration ${change.id} is authorised in the region ${before.region}, ${settings.mainMarketplace} is in ${region}`
        throw refusal(409, 'REGION_FIXED', `${message}: make an integration of its own for it`)
      }
      return { ...settings, region }
    })
  }

  /**
   * RC-38 to RC-45: maps marketplaces to channels; those not named are not imported.
   *
   * @throws HttpFault 404, 412; 422 `CHANNEL_UNKNOWN`, `MARKETPLACE_…` or `MAPPING_REPEATED`.
   */
  mapMarketplaces(
    change: Change,
    mappings: readonly { marketplaceId: string; channelId: string | null }[],
  ): Promise<Integration> {
    return this.#save(change, async (settings, { tx }) => {
      refuseRepeated(mappings.map((m) => m.marketplaceId))
      for (const { marketplaceId } of mappings) checkRegion(marketplaceId, settings.region)
      const marketplaces = mappings.flatMap(({ marketplaceId, channelId }) =>
        channelId === null ? [] : [{ marketplaceId, channelId }],
      )
      const ids = marketplaces.map((m) => m.channelId)
      await this.#channels.hold(tx, change.tenantId, ids)
      return { ...settings, marketplaces }
    })
  }

  /**
   * RC-50 to RC-56: maps Amazon's reasons, in any spelling, to return reasons. Imported returns keep theirs.
   *
   * @throws HttpFault 404, 412; 422 `RETURN_REASON_UNKNOWN` or `MAPPING_REPEATED`.
   */
  mapReasons(
    change: Change,
    mappings: readonly { amazonReason: string; returnReasonId: string | null }[],
  ): Promise<Integration> {
    return this.#save(change, async (settings, { tx }) => {
      const normalised = mappings.map(({ amazonReason, returnReasonId }) => ({
        amazonReason: normaliseReason(amazonReason) ?? amazonReason,
        returnReasonId,
      }))
      refuseRepeated(normalised.map((m) => m.amazonReason))
      const reasons = normalised.flatMap(({ amazonReason, returnReasonId }) =>
        returnReasonId === null ? [] : [{ amazonReason, returnReasonId }],
      )
      const ids = reasons.map((m) => m.returnReasonId)
      await this.#reasons.hold(tx, change.tenantId, ids)
      return { ...settings, reasons }
    })
  }

  #save(
    { tenantId, keyId, id, expectedVersion }: Change,
    next: (before: Settings, at: { tx: Knex.Transaction; state: Integration['state'] }) => Promise<Settings>,
  ): Promise<Integration> {
    return this.#db.transaction(async (tx) => {
      // One change at a time.
      await tx('integrations').where({ id, tenant_id: tenantId }).forUpdate().first('id')
      const before = await latestOf(tx, tenantId, id)
      if (expectedVersion !== null && expectedVersion !== before.version) {
        const message = `Integration ${id} is at version ${before.version}, not ${expectedVersion}: read it again, then change it`
        throw refusal(412, 'VERSION_CHANGED', message)
      }
      const changed = await next(before.settings, { tx, state: before.state })
      const settings: Settings = { ...changed, channels: await channelsOf(tx, tenantId) }
      const version = before.version + 1
      await tx('integration_versions').insert({ integration_id: id, version, settings, created_by: keyId })
      await tx('integrations').where({ id }).update({ version })
      return toIntegration(await latestOf(tx, tenantId, id))
    })
  }
}

/** Versions of all integrations. @param tenantId `*` for all tenants. */
function versions(db: Knex, tenantId: string) {
  const rows = db('integrations as i')
    .join('integration_versions as v', 'v.integration_id', 'i.id')
    .select<Row[]>('i.id', 'i.tenant_id', 'v.version', 'i.state', 'i.seller_id', 'v.settings', {
      version_created_at: 'v.created_at',
    })
  return tenantId === '*' ? rows : rows.where('i.tenant_id', tenantId)
}

const latest = (db: Knex, tenantId: string) => versions(db, tenantId).where('v.version', db.ref('i.version'))

async function latestOf(db: Knex, tenantId: string, id: string): Promise<Row> {
  const row = await latest(db, tenantId).where('i.id', id).first()
  if (!row) throw notFound(`Integration ${id}`)
  return row
}

/** Channels in use, for a version to keep: messages about returns name them. */
const channelsOf = (tx: Knex, tenantId: string): PromiseLike<{ id: string; name: string }[]> =>
  tx('channels').where({ tenant_id: tenantId, deleted_at: null }).orderBy('name').select('id', 'name')

const toSnapshot = ({ id, tenant_id, version, settings, version_created_at }: Row): Snapshot => ({
  id,
  tenantId: tenant_id,
  version,
  ...settings,
  // Versions of before had no such switch, and never change.
  automaticImport: settings.automaticImport ?? true,
  createdAt: version_created_at.toISOString(),
})

function toIntegration(row: Row): Integration {
  const { channels: _, ...settings } = toSnapshot(row)
  return { ...settings, state: row.state, sellerId: row.seller_id }
}

/** RC-25: the main marketplace decides the region. */
function regionOf(country: string): Snapshot['region'] {
  const marketplace = marketplaceByCountry(country)
  if (!marketplace) throw new Error(`${country} was not checked to be one of Amazon's marketplaces`)
  return marketplace.region
}

function checkRegion(marketplaceId: string, region: string): void {
  const marketplace = marketplaceById(marketplaceId)
  if (!marketplace)
    throw refusal(422, 'MARKETPLACE_UNKNOWN', `${marketplaceId} is not one of Amazon's marketplaces`)
  if (marketplace.region !== region) {
    const message = `${marketplace.name} (${marketplaceId}) is in the region ${marketplace.region}, the integration in ${region}`
    throw refusal(422, 'MARKETPLACE_OTHER_REGION', `${message}: make an integration of its own for it`)
  }
}

function refuseRepeated(keys: readonly string[]): void {
  const repeated = keys.find((key, n) => keys.indexOf(key) !== n)
  if (repeated !== undefined) throw refusal(422, 'MAPPING_REPEATED', `${repeated} is mapped twice`)
}

/** Settings that were named. */
const withoutUndefined = <T extends object>(given: T) =>
  Object.fromEntries(Object.entries(given).filter(([, v]) => v !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
