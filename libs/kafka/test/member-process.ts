import { Kafka, logLevel } from '../src/internals.ts'
import { joinGroup, type SeatOptions } from '../src/membership.ts'

// A process that takes a seat and says as lines of JSON what the group tells it. SIGTERM stops it in order.
const { brokers, seat } = JSON.parse(process.argv[2] as string) as { brokers: string[]; seat: SeatOptions }
const say = (line: object) => console.log(JSON.stringify(line))
const silent = { debug() {}, info() {}, warn() {}, error() {} }

const membership = await joinGroup(
  new Kafka({ brokers, logLevel: logLevel.NOTHING }),
  seat,
  {
    assigned: (assignment) => say({ assigned: assignment }),
    suspended: (reason) => say({ suspended: reason }),
    lost(error) {
      const { code, message } = error as { code?: string; message: string }
      say({ lost: { code, message } })
      process.exit(1)
    },
  },
  silent,
)
process.on('SIGTERM', async () => {
  await membership.leave()
  process.exit(0)
})
