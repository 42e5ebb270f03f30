import { startSimulator } from './start.ts'

const { PORT, SEED, EPOCH, QUOTA_FACTOR } = process.env
const simulator = await startSimulator({
  port: Number(PORT ?? 0),
  seed: Number(SEED ?? 1),
  quotaFactor: Number(QUOTA_FACTOR ?? 1),
  ...(EPOCH && { epoch: Number(EPOCH) }),
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
