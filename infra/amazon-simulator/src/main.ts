import { Clock } from './clock.ts'
import { keepDays, readDays } from './kept-days.ts'
import { startSimulator } from './start.ts'

const { HTTP_HOST, HTTP_PORT, PUBLIC_URL, SEED, QUOTA_FACTOR, STATE_FILE } = process.env
const { epoch, movedDays } = readDays(STATE_FILE)
const keep = (moved: number) => keepDays(STATE_FILE, { epoch, movedDays: moved })
keep(movedDays)
const simulator = await startSimulator({
  port: Number(HTTP_PORT ?? 0),
  ...(HTTP_HOST && { host: HTTP_HOST }),
  ...(PUBLIC_URL && { publicUrl: PUBLIC_URL }),
  seed: Number(SEED ?? 1),
  quotaFactor: Number(QUOTA_FACTOR ?? 1),
  epoch,
  clock: new Clock(movedDays, keep),
})
console.log(
  JSON.stringify({
    level: 30,
    time: Date.now(),
    name: 'amazon-simulator',
    msg: 'listening',
    url: simulator.url,
  }),
)

const stop = () => simulator.stop().then(() => process.exit(0))
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
