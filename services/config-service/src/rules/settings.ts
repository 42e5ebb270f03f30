import { marketplaceByCountry, marketplaces } from '@backhaul/domain'
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

export const importSettings = z
  .object({
    statuses: z
      .enum(['all', 'approved'])
      .default('all')
      .describe('Which return statuses become a ReturnOrder'),
    labelTypes: z
      .union([z.literal('all'), z.array(z.string().min(1)).min(1)])
      .default(['AmazonPrePaidLabel'])
      .describe("Amazon's label types that are imported"),
    returnlessRefunds: z.enum(['import', 'skip']).default('import'),
    expandKits: z.boolean().default(true).describe('Whether a returned kit becomes its parts'),
  })
  .describe('What becomes a ReturnOrder')

const editable = {
  name: z.string().min(1).max(200).describe('Internal only: it appears in no event'),
  intervalHours: z.number().int().min(1).max(168).describe('Hours between two reads'),
  initialReportStartTime: startTime.describe(
    "Returns from this time on are imported; in the main marketplace's zone",
  ),
  mainMarketplace: mainMarketplace.describe('Country of the main marketplace; decides the region'),
  reminderEmail: z.email().nullable().describe('Who is written to when the authorisation ends'),
  importSettings,
}

/** RC-17 to RC-26: what an integration is created with. */
export const newIntegration = z.strictObject({
  type: z.literal('amazon-selling-partner').default('amazon-selling-partner'),
  ...editable,
  intervalHours: editable.intervalHours.default(2),
  reminderEmail: editable.reminderEmail.default(null),
  importSettings: importSettings.prefault({}),
})

/** Any of the settings, to be changed. */
export const changedIntegration = z.strictObject(editable).partial()

/** One immutable version of all settings of an integration. */
export const snapshot = z.object({
  id: z.string(),
  tenantId: z.string(),
  version: z.number().int(),
  type: z.literal('amazon-selling-partner'),
  ...editable,
  region: z.enum(['na', 'eu', 'fe']),
  marketplaces: z.array(z.object({ marketplaceId: z.string(), channelId: z.string() })),
  reasons: z.array(z.object({ amazonReason: z.string(), returnReasonId: z.string() })),
  channels: z.array(z.object({ id: z.string(), name: z.string() })),
  createdAt: z.string(),
})

/** An integration as it is now: its latest version and its state. */
export const integration = snapshot.extend({
  state: z.enum(['unauthorised', 'active', 'authorisation_ended']),
  sellerId: z.string().nullable(),
})

export type NewIntegration = z.output<typeof newIntegration>
export type ChangedIntegration = z.output<typeof changedIntegration>
export type Snapshot = z.output<typeof snapshot>
export type Integration = z.output<typeof integration>
