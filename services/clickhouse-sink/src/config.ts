import { clickhouseConfig, kafkaConfig } from '@backhaul/runtime'
import { z } from 'zod'

export const config = z.object({
  ...kafkaConfig,
  ...clickhouseConfig,
  /**
   * Least time between two inserts of one partition, milliseconds. What arrives meanwhile goes into one insert:
   * ClickHouse merges few large parts well, many small ones badly.
   */
  INSERT_INTERVAL_MS: z.coerce.number().int().min(0).max(60_000).default(500),
  /** Raised when the tables are filled anew: tokens of an earlier filling must not count as seen. */
  SINK_GENERATION: z.coerce.number().int().min(1).default(1),
})
