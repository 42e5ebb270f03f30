import { configServiceConfig, kafkaConfig } from '@backhaul/runtime'
import { z } from 'zod'

export const config = z.object({
  ...kafkaConfig,
  ...configServiceConfig,
  /** Counts full rebuilds; readers keep the greater (generation, version). */
  GENERATION: z.coerce.number().int().min(1).default(1),
})
