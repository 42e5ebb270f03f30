import https from 'node:https'
import net from 'node:net'
import type { Duplex } from 'node:stream'

/** After its connection closed, an answer that was whole has been read for sure. */
const READ_OUT_MS = 250

/**
 * The connections of one call. The npm client can be told nothing but an agent: no address of its own, no signal; and it
 * never settles when a connection is cut inside an answer. The agent gives all three.
 */
export class CallAgent extends https.Agent {
  readonly #amazonUrl: URL | undefined
  readonly #sockets = new Set<Duplex>()
  readonly #onClosed: () => void

  /**
   * @param amazonUrl A plain HTTP server in Amazon's place; calls keep their Host header.
   * @param onClosed Told when a connection has closed and what came on it was read.
   */
  constructor(amazonUrl: string | undefined, onClosed: () => void) {
    super({ keepAlive: false })
    this.#amazonUrl = amazonUrl === undefined ? undefined : new URL(amazonUrl)
    this.#onClosed = onClosed
  }

  override createConnection(
    options: object,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const socket = this.#amazonUrl
      ? net.connect(Number(this.#amazonUrl.port || 80), this.#amazonUrl.hostname)
      : super.createConnection(options, callback)
    if (!socket) return socket
    this.#sockets.add(socket)
    socket.once('close', () => {
      this.#sockets.delete(socket)
      setTimeout(this.#onClosed, READ_OUT_MS)
    })
    return socket
  }

  /** Cuts whatever is still connected. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.destroy()
  }
}
