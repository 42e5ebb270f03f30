import { z } from 'zod'
import { CHARSETS } from '../documents/charsets.ts'
import { LAYOUTS } from '../documents/layouts.ts'
import { PERIODS_MS } from '../duration.ts'
import { FAULT_KINDS } from '../faults/fault.ts'
import { PUBLISHED_PLANS } from '../limits/plans.ts'
import { REPORT_TYPES } from '../reports/report-types.ts'
import { duration, instant, marketplace, times } from './fields.ts'

const operations = Object.keys(PUBLISHED_PLANS) as [string, ...string[]]
const reportType = z.enum(Object.keys(REPORT_TYPES) as [string, ...string[]])
const charset = z.enum(CHARSETS as [string, ...string[]])
const seller = z.string()
const positive = z.number().positive()

const fault = z
  .strictObject({
    operation: z.enum(['*', 'token', 'download', ...operations]),
    kind: z.enum(FAULT_KINDS),
    times,
    skip: z.int().nonnegative().optional(),
    chance: z.number().min(0).max(1).optional(),
    seller: seller.optional(),
    marketplace: marketplace.optional(),
    reportType: reportType.optional(),
    lasting: duration.optional(),
  })
  .transform(({ times: left, seller: sellerId, marketplace: marketplaceId, lasting: ms, ...rest }) => ({
    ...rest,
    left,
    sellerId,
    marketplaceId,
    ms,
  }))

export const documentStyle = z.strictObject({
  content: z
    .enum([
      'returns',
      'another-seller',
      'fba-returns',
      'orders',
      'html',
      'header-only',
      'empty',
      'random-bytes',
    ])
    .optional(),
  layout: z.enum(LAYOUTS as [string, ...string[]] as [(typeof LAYOUTS)[number]]).optional(),
  reordered: z.boolean().optional(),
  blank: z.enum(['space', 'nothing']).optional(),
  lineEnd: z.enum(['lf', 'crlf']).optional(),
  decimal: z.enum(['dot', 'comma']).optional(),
  dates: z.enum(['month-name', 'iso']).optional(),
  yesNo: z.enum(['letter', 'word', 'boolean']).optional(),
  quotes: z.enum(['stray', 'csv', 'line-breaks']).optional(),
  duplicates: z.boolean().optional(),
  shortRows: z.boolean().optional(),
  headerEvery: z.int().positive().optional(),
  charset: charset.optional(),
  declaredCharset: z.string().nullable().optional(),
  byteOrderMark: z.boolean().optional(),
  gzip: z.boolean().optional(),
  declaredGzip: z.boolean().optional(),
  address: z.url().optional(),
})

const reportPlan = z
  .strictObject({
    seller: seller.optional(),
    marketplace: marketplace.optional(),
    reportType: reportType.optional(),
    times,
    skip: z.int().nonnegative().optional(),
    outcome: z.enum(['DONE', 'CANCELLED', 'FATAL']).optional(),
    cause: z.enum(['no-data', 'collided', 'throttled', 'wrong-programme']).optional(),
    hold: z.boolean().optional(),
    queue: duration.optional(),
    progress: duration.optional(),
    errorDocument: z.string().nullable().optional(),
    document: documentStyle.optional(),
  })
  .transform(({ seller: sellerId, marketplace: marketplaceId, times: left, queue, progress, ...rest }) => ({
    ...rest,
    sellerId,
    marketplaceId,
    left,
    queueMs: queue,
    progressMs: progress,
  }))

const planRule = z
  .strictObject({
    operation: z.enum(operations),
    rate: positive,
    burst: positive,
    scope: z.enum(['seller', 'application']).default('seller'),
    seller: seller.optional(),
    reportType: reportType.optional(),
  })
  .transform(({ seller: sellerId, ...rest }) => ({ ...rest, sellerId }))

const limits = z.strictObject({
  rateHeader: z.enum(['answers', 'always', 'never']).optional(),
  time: z.enum(['real', 'simulated']).optional(),
  plans: z.array(planRule).default([]),
})

const schedule = z
  .strictObject({
    seller: seller.optional(),
    reportType,
    marketplaces: z.array(marketplace).min(1),
    period: z.enum(Object.keys(PERIODS_MS) as [string, ...string[]]),
    first: duration.optional(),
  })
  .transform(({ seller: sellerId, marketplaces: marketplaceIds, first: firstMs, ...rest }) => ({
    ...rest,
    sellerId,
    marketplaceIds,
    firstMs,
  }))

/** A report that another program of the seller asks for, not the application. */
const foreignReport = z
  .strictObject({
    seller: seller.optional(),
    reportType,
    marketplaces: z.array(marketplace).min(1),
    past: duration.default(30 * 86_400_000),
  })
  .transform(({ seller: sellerId, marketplaces: marketplaceIds, past: pastMs, ...rest }) => ({
    ...rest,
    sellerId,
    marketplaceIds,
    pastMs,
  }))

export const clockChange = z.strictObject({
  now: instant.optional(),
  speed: positive.optional(),
  advance: duration.optional(),
})

export const changeFields = {
  clock: clockChange.optional(),
  limits: limits.optional(),
  cancel: z.strictObject({ collision: duration.optional(), repeat: duration.optional() }).optional(),
  reports: z.array(reportPlan).default([]),
  faults: z.array(fault).default([]),
  schedules: z.array(schedule).default([]),
  madeElsewhere: z.array(foreignReport).default([]),
  ownReturns: z.boolean().optional(),
  extraColumns: z.record(z.string(), z.string()).optional(),
  revoke: z.array(seller).default([]),
  authorise: z.array(seller).default([]),
  deny: z.array(z.strictObject({ seller, names: z.array(z.string()) })).default([]),
  release: z.boolean().optional(),
  expire: z.strictObject({ tokens: z.boolean().optional(), addresses: z.boolean().optional() }).optional(),
}

/** What a scenario or `/_control/changes` changes at once. Everything may be left out. */
export const change = z.strictObject(changeFields)
export type Change = z.output<typeof change>
