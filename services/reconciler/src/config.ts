import { configServiceConfig, flag, kafkaConfig } from '@backhaul/runtime'
import { z } from 'zod'

export const config = z.object({
  ...kafkaConfig,
  ...configServiceConfig,
  /** Counts full rebuilds; readers keep the greater (generation, version). */
  GENERATION: z.coerce.number().int().min(1).default(1),
  /** Folder for snapshots of the state, on a disk of this instance's own. Without it every start rebuilds from Kafka. */
  STATE_FOLDER: z.string().min(1).optional(),
  SNAPSHOT_MINUTES: z.coerce.number().min(0.01).default(10),
  /** Keeps warm copies of the partitions that other instances own: a take-over is quick, memory is needed twice. */
  STANDBY: flag.default(false),
  /** Most memory of one partition's state; beyond it the service stops and says so. */
  STATE_LIMIT_MB: z.coerce.number().int().min(64).max(16_384).default(2_048),
})
