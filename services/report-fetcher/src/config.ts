import { configServiceConfig, databaseConfig, kafkaConfig } from '@backhaul/runtime'
import { z } from 'zod'

export const config = z.object({
  ...kafkaConfig,
  ...databaseConfig,
  ...configServiceConfig,
  /** Folder of the document archive, or `s3://bucket/prefix?endpoint=https://…&region=…`. */
  ARCHIVE_DIR: z.string().min(1),
  /** Keys of the archive, `id:base64` of 32 bytes, several by commas: the first one encrypts, all decrypt. */
  ARCHIVE_KEYS: z.string().min(1),
  /** Credentials of an S3 archive. */
  AWS_ACCESS_KEY_ID: z.string().optional(),
  AWS_SECRET_ACCESS_KEY: z.string().optional(),
  /** A server in Amazon's place. */
  AMAZON_URL: z.url().optional(),
  /** The application at Amazon that the calls are counted for. */
  AMAZON_APPLICATION: z.string().min(1).default('backhaul'),
  /** How many times Amazon's published quotas a server in its place allows. */
  AMAZON_QUOTA_FACTOR: z.coerce.number().positive().default(1),
  /** How often due runs are looked for, and how often a report at Amazon is looked at. */
  POLL_MS: z.coerce.number().int().min(50).default(2_000),
  REPORT_POLL_MS: z.coerce.number().int().min(50).default(15_000),
})
