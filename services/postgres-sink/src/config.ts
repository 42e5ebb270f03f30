import { databaseConfig, kafkaConfig } from '@backhaul/runtime'
import { z } from 'zod'

export const config = z.object({ ...kafkaConfig, ...databaseConfig })
