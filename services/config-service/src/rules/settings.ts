import { marketplaceByCountry, marketplaces } from '@backhaul/domain'
import { text } from '@backhaul/http'
import { z } from 'zod'

const START_TIME = /^(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})$/

/** RC-21: `YYYY-MM-DD HH:mm:ss`, a time that exists on the calendar; read in the main marketplace's zone. */
export const startTime = z.string().refine(isStartTime, {
  error: 'must be a real time as YYYY-MM-DD HH:mm:ss, for example 2026-03-01 00:00:00',
})

function isStartTime(text: string): boolean {
  const match = START_TIME.exec(text)
  if (!match) return false
  const parsed = new Date(`${text.replace(' ', 'T')}Z`)
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().slice(0, 19).replace('T', ' ') === text
}

/** RC-24: a country of one of Amazon's marketplaces. */
export const mainMarketplace = z.string().refine((country) => marketplaceByCountry(country) !== undefined, {
  error: `must be one of ${marketplaces.map((m) => m.country).join(', ')}`,
})

const importRules = {
  statuses: z.enum(['all', 'approved']).describe('Which return statuses become a ReturnOrder'),
  labelTypes: z
    .union([z.literal('all'), z.array(text(100)).min(1).max(50)])
    .describe("Amazon's label types that are imported"),
  returnlessRefunds: z.enum(['import', 'skip']),
  expandKits: z.boolean().describe('Whether a returned kit becomes its parts'),
}

const importSettings = z.object(importRules).describe('What becomes a ReturnOrder')

const newImportSettings = z
  .strictObject({
    statuses: importRules.statuses.default('all'),
    labelTypes: importRules.labelTypes.default(['AmazonPrePaidLabel']),
    returnlessRefunds: importRules.returnlessRefunds.default('import'),
    expandKits: importRules.expandKits.default(true),
  })
  .describe('What becomes a ReturnOrder')

const settings = {
  name: text(200).describe('Internal only: it appears in no event'),
  intervalHours: z.number().int().min(1).max(168).describe('Hours between two reads'),
  automaticImport: z
    .boolean()
    .describe('False: nothing is read at the interval; fetching now, backfills and uploads still work'),
  initialReportStartTime: startTime.describe(
    "Returns from this time on are imported; in the main marketplace's zone",
  ),
  mainMarketplace: mainMarketplace.describe('Country of the main marketplace; decides the region'),
  reminderEmail: z.email().max(254).nullable().describe('Who is written to when the authorisation ends'),
}

/** RC-17 to RC-26: what an integration is created with. */
export const newIntegration = z.strictObject({
  type: z.literal('amazon-selling-partner').default('amazon-selling-partner'),
  ...settings,
  intervalHours: settings.intervalHours.default(2),
  automaticImport: settings.automaticImport.default(true),
  reminderEmail: settings.reminderEmail.default(null),
  importSettings: newImportSettings.prefault({}),
})

/** Any of the settings, to be changed; those not named stay. */
export const changedIntegration = z
  .strictObject({ ...settings, importSettings: z.strictObject(importRules).partial() })
  .partial()

/** One immutable version of all settings of an integration. */
export const snapshot = z.object({
  id: z.string(),
  tenantId: z.string(),
  version: z.number().int(),
  type: z.literal('amazon-selling-partner'),
  ...settings,
  importSettings,
  region: z.enum(['na', 'eu', 'fe']),
  marketplaces: z.array(z.object({ marketplaceId: z.string(), channelId: z.string() })),
  reasons: z.array(z.object({ amazonReason: z.string(), returnReasonId: z.string() })),
  channels: z
    .array(z.object({ id: z.string(), name: z.string() }))
    .describe('Channels that existed when this version was saved'),
  createdAt: z.string(),
})

/** An integration as it is now: its latest version and its state. */
export const integration = snapshot.omit({ channels: true }).extend({
  state: z.enum(['unauthorised', 'active', 'authorisation_ended']),
  sellerId: z.string().nullable(),
})

export type NewIntegration = z.output<typeof newIntegration>
export type ChangedIntegration = z.output<typeof changedIntegration>
export type Snapshot = z.output<typeof snapshot>
export type Integration = z.output<typeof integration>
