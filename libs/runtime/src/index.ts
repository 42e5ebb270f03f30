export { appVersion } from './app-version.ts'
export {
  clickhouseConfig,
  configServiceConfig,
  databaseConfig,
  httpConfig,
  readConfig,
} from './environment.ts'
export { Health } from './health.ts'
export {
  DEAD_LETTER_SHARE_LIMIT,
  flag,
  kafkaConfig,
  SESSION_TIMEOUT_MS,
  TRANSACTION_TIMEOUT_MS,
} from './kafka-environment.ts'
export { Metrics } from './metrics.ts'
export { run } from './run.ts'
export {
  type Clock,
  defineService,
  type RunningService,
  type Service,
  type ServiceContext,
} from './service.ts'
export { type StartedService, type StartOptions, startService } from './start.ts'
export { pause, untilStarted, type Waiting, type Waits, waitOut } from './wait-out.ts'
export { within } from './within.ts'
