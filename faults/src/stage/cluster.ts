import { join } from 'node:path'
import { freePort, type startKafkaNode } from '@backhaul/local'
import { Broker } from './broker.ts'

type Context = Parameters<typeof startKafkaNode>[0]

/** Below the ports that the system gives to connections: a broker finds its own free again at each start. */
const FIRST_PORT = 20_000
const PORTS = 10_000

/** How long a broker may be silent until its partitions move. Kafka's own 9 s would be most of each fault. */
const BROKER_SESSION_MS = 3_000

/** Real brokers in KRaft mode, each a controller too; every partition has a copy on each. */
export class Cluster {
  readonly brokers: readonly Broker[]

  private constructor(brokers: readonly Broker[]) {
    this.brokers = brokers
  }

  /** @param size 1, or 3 for one that survives the loss of any. */
  static async start(context: Context, size: 1 | 3): Promise<Cluster> {
    const ids = Array.from({ length: size }, (_, at) => at + 1)
    const ports: Ports[] = []
    for (const id of ids) {
      const port = FIRST_PORT + Math.floor(Math.random() * PORTS)
      ports.push({ id, broker: await freePort(port), controller: await freePort(port + PORTS / 2) })
    }
    const voters = ports.map(({ id, controller }) => `${id}@127.0.0.1:${controller}`).join(',')
    const brokers = ports.map((own) => {
      const name = size === 1 ? 'kafka' : `kafka-${size}-${own.id}`
      const home = join(context.folder, name)
      const properties = propertiesOf(own, voters, size, join(home, 'data'))
      return new Broker(context, own.id, { name, home, properties, port: own.broker })
    })
    await Promise.all(brokers.map((one) => one.start()))
    return new Cluster(brokers)
  }

  get addresses(): string[] {
    return this.brokers.map(({ port }) => `127.0.0.1:${port}`)
  }

  /** Copies of each partition. */
  get copies(): number {
    return this.brokers.length
  }

  /** Starts what a fault left broken. */
  async mend(): Promise<void> {
    await Promise.all(this.brokers.map((one) => one.mend()))
  }

  async stop(): Promise<void> {
    await Promise.all(this.brokers.map((one) => one.kill()))
  }
}

interface Ports {
  readonly id: number
  readonly broker: number
  readonly controller: number
}

const propertiesOf = ({ id, broker, controller }: Ports, voters: string, copies: number, data: string) =>
  `process.roles=broker,controller
node.id=${id}
listeners=PLAINTEXT://127.0.0.1:${broker},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=PLAINTEXT://127.0.0.1:${broker}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
controller.quorum.voters=${voters}
log.dirs=${data}
broker.session.timeout.ms=${BROKER_SESSION_MS}
broker.heartbeat.interval.ms=500
controlled.shutdown.retry.backoff.ms=500
default.replication.factor=${copies}
min.insync.replicas=${Math.ceil(copies / 2)}
unclean.leader.election.enable=false
offsets.topic.replication.factor=${copies}
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=${copies}
transaction.state.log.min.isr=${Math.ceil(copies / 2)}
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=${copies}
share.coordinator.state.topic.min.isr=1
num.partitions=4
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=2097152
num.network.threads=2
num.io.threads=4
`
