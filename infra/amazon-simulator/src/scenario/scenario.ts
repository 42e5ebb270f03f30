import { marketplaceById } from '@backhaul/domain'
import { z } from 'zod'
import { PUBLISHED_PLANS } from '../limits/plans.ts'
import { demoSpec, type SellerSpec } from '../sellers/sellers.ts'
import { changeFields } from './change.ts'
import { duration, marketplace } from './fields.ts'
import { sellersNamedIn } from './sellers-named.ts'

const operations = ['token', 'download', ...Object.keys(PUBLISHED_PLANS)] as [string, ...string[]]

const seller = z
  .strictObject({
    sellerId: z.string().regex(/^[A-Z0-9-]+$/, 'use capital letters, digits and hyphens'),
    /** How many like this one: `A0MANY-1`, `A0MANY-2` … */
    count: z.int().positive().max(1_000).optional(),
    refreshToken: z.string().optional(),
    marketplaces: z.array(marketplace).min(1),
    programme: z.enum(['fbm', 'fba']).default('fbm'),
    orders: z.int().nonnegative().default(demoSpec.orders),
    denied: z.array(z.string()).default([]),
  })
  .superRefine(({ marketplaces }, context) => {
    const regions = new Set(marketplaces.map((id) => marketplaceById(id)?.region))
    if (regions.size > 1) {
      const message = `one authorisation is good for one region, these are of ${[...regions].join(' and ')}`
      context.addIssue({ code: 'custom', path: ['marketplaces'], message })
    }
  })
  .transform(({ count, sellerId, refreshToken, marketplaces, ...rest }): SellerSpec[] => {
    const region = marketplaceById(marketplaces[0] as string)?.region ?? 'eu'
    const spec = (id: string, token: string): SellerSpec => ({
      ...rest,
      marketplaces,
      region,
      sellerId: id,
      refreshToken: token,
    })
    if (count === undefined) return [spec(sellerId, refreshToken ?? `Atzr|${sellerId}`)]
    return Array.from({ length: count }, (_, n) => spec(`${sellerId}-${n + 1}`, `Atzr|${sellerId}-${n + 1}`))
  })

const after = z
  .strictObject({
    /** Amazon's time since the scenario began. */
    time: duration.optional(),
    /** So many calls since the step before. */
    calls: z.int().positive().optional(),
    operation: z.enum(operations).optional(),
  })
  .refine(({ time, calls }) => (time === undefined) !== (calls === undefined), 'give either time or calls')

/** A scenario file: who sells, how Amazon is to begin with, and what changes later, step by step. */
export const scenario = z
  .strictObject({
    about: z.string(),
    seed: z.int().nonnegative().optional(),
    sellers: z.array(seller).min(1).optional(),
    pace: z.strictObject({ queue: duration.optional(), progress: duration.optional() }).optional(),
    later: z.array(z.strictObject({ after, ...changeFields })).default([]),
    ...changeFields,
  })
  .transform(({ sellers, ...rest }) => ({ ...rest, sellers: sellers?.flat() ?? [demoSpec] }))
  .superRefine((whole, context) => {
    const known = new Set(whole.sellers.map((s) => s.sellerId))
    const steps = whole.later.flatMap((step, n) => sellersNamedIn(step, ['later', n]))
    for (const { path, sellerId } of [...sellersNamedIn(whole), ...steps]) {
      if (known.has(sellerId)) continue
      context.addIssue({ code: 'custom', path: [...path], message: `seller ${sellerId} is not in sellers` })
    }
  })

/** JSON Schema of scenario files as they are written. */
export const scenarioSchema = (): object => z.toJSONSchema(scenario, { io: 'input' })

export type Scenario = z.output<typeof scenario>
