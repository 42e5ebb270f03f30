import https from 'node:https'
import net from 'node:net'
import type { Duplex } from 'node:stream'

/**
 * An agent that sends every call, whatever its host, to one plain HTTP server, with the Host header kept.
 * The npm client knows no base URL: host, port 443 and TLS are fixed in it, and only the agent can be given.
 */
export class AmazonOverrideAgent extends https.Agent {
  readonly #host: string
  readonly #port: number

  constructor(amazonUrl: string) {
    super({ keepAlive: false })
    const url = new URL(amazonUrl)
    this.#host = url.hostname
    this.#port = Number(url.port || 80)
  }

  override createConnection(
    _options: object,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex {
    const socket = net.connect(this.#port, this.#host)
    if (callback) socket.once('connect', () => callback(null, socket))
    return socket
  }
}
