import { startKafka, until } from '@backhaul/local'

type Context = Parameters<typeof startKafka>[0]

/** A broker of the run's own, to be killed and started again over the same data. Its port may change at a start. */
export class Broker {
  readonly #context: Context
  #port = 0
  #pid = 0
  #stop: () => Promise<void> = async () => {}

  constructor(context: Context) {
    this.#context = context
  }

  get port(): number {
    return this.#port
  }

  async start(): Promise<void> {
    const { url, pid, stop } = await startKafka(this.#context)
    this.#port = Number(url.split(':')[1])
    this.#pid = pid as number
    this.#stop = stop
  }

  /** Ends it at once, as a crash would. */
  async kill(): Promise<void> {
    process.kill(this.#pid, 'SIGKILL')
    await until('The end of the broker', async () => !isAlive(this.#pid))
  }

  stop(): Promise<void> {
    return this.#stop()
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
