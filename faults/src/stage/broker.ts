import { startKafkaNode, until } from '@backhaul/local'

type Context = Parameters<typeof startKafkaNode>[0]
type Node = Parameters<typeof startKafkaNode>[1]

/** A broker of the run's own, to be broken and started again over the same data, at the same port. */
export class Broker {
  readonly id: number
  readonly port: number
  readonly #context: Context
  readonly #node: Node
  #pid = 0
  #stop: () => Promise<void> = async () => {}

  constructor(context: Context, id: number, node: Node) {
    this.#context = context
    this.id = id
    this.port = node.port
    this.#node = node
  }

  async start(): Promise<void> {
    const { pid, stop } = await startKafkaNode(this.#context, this.#node)
    this.#pid = pid as number
    this.#stop = stop
  }

  /** Ends it at once, as a crash would. */
  async kill(): Promise<void> {
    if (!this.#isAlive()) return
    process.kill(this.#pid, 'SIGKILL')
    await until('The end of the broker', async () => !this.#isAlive())
  }

  stop(): Promise<void> {
    return this.#stop()
  }

  freeze(): void {
    process.kill(this.#pid, 'SIGSTOP')
  }

  thaw(): void {
    if (this.#isAlive()) process.kill(this.#pid, 'SIGCONT')
  }

  /** Starts it again unless it runs. */
  async mend(): Promise<void> {
    this.thaw()
    if (!this.#isAlive()) await this.start()
  }

  #isAlive(): boolean {
    if (this.#pid === 0) return false
    try {
      return process.kill(this.#pid, 0)
    } catch {
      return false
    }
  }
}
