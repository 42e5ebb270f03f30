import { marketplaceByCountry, marketplaceById } from '@backhaul/domain'
import { z } from 'zod'
import { durationMs } from '../duration.ts'

/** A marketplace by country (`DE`) or id; its id comes out. */
export const marketplace = z
  .string()
  .transform((text, context) => {
    const found = marketplaceById(text) ?? marketplaceByCountry(text)
    if (found) return found.id
    context.addIssue({
      code: 'custom',
      message: `no marketplace of Amazon: use a country such as DE, or its id`,
    })
    return z.NEVER
  })
  .meta({ description: 'Country such as DE, or marketplace id' })

/** A duration such as `48h`; milliseconds come out. */
export const duration = z
  .string()
  .transform((text, context) => {
    const ms = durationMs(text)
    if (ms !== null) return ms
    context.addIssue({
      code: 'custom',
      message: 'no duration: use a number with ms, s, m, h or d, such as 48h',
    })
    return z.NEVER
  })
  .meta({ description: 'Number with ms, s, m, h or d, such as 48h' })

export const instant = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .meta({ description: 'ISO 8601 with a zone' })

/** How often something happens: a number, or `always`. */
export const times = z
  .union([z.int().positive(), z.literal('always')])
  .default(1)
  .transform((count) => (count === 'always' ? Number.POSITIVE_INFINITY : count))
