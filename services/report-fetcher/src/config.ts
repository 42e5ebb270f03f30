import { configServiceConfig, databaseConfig, kafkaConfig } from '@backhaul/runtime'
import { z } from 'zod'

export const config = z.object({
  ...kafkaConfig,
  ...databaseConfig,
  ...configServiceConfig,
  /** Folder of the document archive. */
  ARCHIVE_DIR: z.string().min(1),
  /** A server in Amazon's place. */
  AMAZON_URL: z.url().optional(),
  /** How often due runs are looked for, and how often a report at Amazon is looked at. */
  POLL_MS: z.coerce.number().int().min(50).default(2_000),
  REPORT_POLL_MS: z.coerce.number().int().min(50).default(15_000),
})
