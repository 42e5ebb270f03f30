import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  API,
  type ApiName,
  correlationOf,
  Frames,
  type RequestHead,
  readHead,
  reply,
  withPorts,
} from './frames.ts'

/** Where in the protocol something happens: before the broker has the request, or before the client has its answer. */
export interface ProtocolPoint {
  readonly api: ApiName
  readonly side: 'request' | 'answer'
  /** Only messages that hold this text. */
  readonly holding?: string
}

/** What becomes of the message that a trap caught. */
export type Verdict =
  | { readonly kind: 'pass' }
  /** The connection is cut: the message is lost. */
  | { readonly kind: 'cut' }
  | { readonly kind: 'delay'; readonly ms: number }
  /** The client's connection is cut; the broker has the request later, when the successor comes to `until`. */
  | { readonly kind: 'late'; readonly until: ApiName }
  /** The broker never hears of the request; the client is answered with this. */
  | { readonly kind: 'reply'; readonly body: Buffer }

interface Trap {
  readonly point: ProtocolPoint
  left: number
  readonly spring: (frame: Buffer) => Promise<Verdict> | Verdict
  readonly sprung: PromiseWithResolvers<void>
}

/** A request whose client is gone, held back from the broker. */
interface HeldRequest {
  readonly transaction: string
  readonly until: number
  /** Gives it to the broker. Resolves with the answer's error code once it has answered. */
  deliver(): Promise<void>
}

/** A transactional id up to its partition number, so that a successor is known whatever follows. */
const transactionOf = (id: string | null): string => /^.*reconciler-\d+/.exec(id ?? '')?.[0] ?? ''

/**
 * Stands between one reconciler and the brokers, understands Kafka's frames, and springs traps at points of the
 * protocol. It listens at one port for each broker, and names these to its client.
 */
export class KafkaProxy {
  readonly #servers: Server[] = []
  /** Its own ports by the brokers'. */
  readonly #ports = new Map<number, number>()
  readonly #sockets = new Set<Socket>()
  readonly #traps = new Set<Trap>()
  readonly #held = new Set<HeldRequest>()
  /** Milliseconds that each answer waits. */
  delayMs = 0

  /** @param brokers Ports of the brokers. */
  static async open(brokers: readonly number[]): Promise<KafkaProxy> {
    const proxy = new KafkaProxy()
    for (const broker of brokers) {
      const server = createServer((near) => proxy.#serve(near, broker))
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      proxy.#servers.push(server)
      proxy.#ports.set(broker, (server.address() as { port: number }).port)
    }
    return proxy
  }

  /** Where a client finds the brokers. */
  get addresses(): string {
    return [...this.#ports.values()].map((port) => `127.0.0.1:${port}`).join(',')
  }

  /**
   * Catches the next message at a point, `times` over.
   *
   * @returns Resolves when it has sprung for the last time.
   */
  trap(point: ProtocolPoint, spring: Trap['spring'], times = 1): Promise<void> {
    const sprung = Promise.withResolvers<void>()
    this.#traps.add({ point, left: times, spring, sprung })
    return sprung.promise
  }

  /** Takes back traps that have not sprung, and lets go of what is held. */
  async clear(): Promise<void> {
    this.#traps.clear()
    this.delayMs = 0
    for (const held of this.#held) await held.deliver()
  }

  /** Cuts all connections; new ones are taken at once. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    const closed = this.#servers.map((server) => new Promise((resolve) => server.close(resolve)))
    this.cut()
    await Promise.all(closed)
  }

  #serve(near: Socket, broker: number): void {
    const far = connect(broker, '127.0.0.1')
    // As a broker that is down refuses, not as one that hangs up.
    far.once('error', () => far.pending && near.resetAndDestroy())
    const asked = new Map<number, RequestHead>()
    /** Answers that the client shall not have, by correlation id. */
    const swallowed = new Map<number, () => void>()
    let nearOnly = false
    for (const socket of [near, far]) {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        this.#sockets.delete(socket)
        for (const told of swallowed.values()) told()
        if (socket === near && nearOnly) return
        near.destroy()
        far.destroy()
      })
    }
    const hold = (frame: Buffer, head: RequestHead, until: ApiName) => {
      const held: HeldRequest = {
        transaction: transactionOf(head.transactionalId),
        until: API[until],
        deliver: () => {
          this.#held.delete(held)
          return new Promise<void>((resolve) => {
            if (far.destroyed) return resolve()
            swallowed.set(head.correlationId, () => {
              swallowed.delete(head.correlationId)
              nearOnly = false
              far.destroy()
              resolve()
            })
            far.write(frame)
          })
        },
      }
      this.#held.add(held)
      nearOnly = true
      near.destroy()
    }
    const requests = new Frames()
    let sending = Promise.resolve()
    near.on('data', (chunk) => {
      for (const frame of requests.push(chunk)) {
        const head = readHead(frame)
        asked.set(head.correlationId, head)
        sending = sending.then(async () => {
          if (head.apiKey === API.InitProducerId || head.apiKey === API.EndTxn)
            await this.#deliverBefore(head)
          const verdict = await this.#verdict('request', head, frame)
          if (verdict.kind === 'cut') near.destroy()
          else if (verdict.kind === 'late') hold(frame, head, verdict.until)
          else if (verdict.kind === 'reply') near.write(reply(head, verdict.body))
          else if (!near.destroyed) far.write(frame)
        })
      }
    })
    const answers = new Frames()
    let answering = Promise.resolve()
    far.on('data', (chunk) => {
      for (const frame of answers.push(chunk)) {
        const head = asked.get(correlationOf(frame))
        asked.delete(correlationOf(frame))
        answering = answering.then(async () => {
          const told = swallowed.get(correlationOf(frame))
          if (told) return told()
          if (!head) return
          if (this.delayMs > 0) await sleep(this.delayMs)
          const verdict = await this.#verdict('answer', head, frame)
          if (verdict.kind === 'cut') near.destroy()
          else near.write(namesBrokers(head) ? withPorts(frame, this.#ports) : frame)
        })
      }
    })
  }

  async #deliverBefore(head: RequestHead): Promise<void> {
    const transaction = transactionOf(head.transactionalId)
    if (transaction === '') return
    for (const held of this.#held) {
      if (held.until === head.apiKey && held.transaction === transaction) await held.deliver()
    }
  }

  async #verdict(side: ProtocolPoint['side'], head: RequestHead, frame: Buffer): Promise<Verdict> {
    for (const trap of this.#traps) {
      const { point } = trap
      if (point.side !== side || API[point.api] !== head.apiKey) continue
      if (point.holding && !frame.includes(point.holding)) continue
      trap.left -= 1
      if (trap.left <= 0) this.#traps.delete(trap)
      const verdict = await trap.spring(frame)
      if (verdict.kind === 'delay') await sleep(verdict.ms)
      if (trap.left <= 0) trap.sprung.resolve()
      return verdict
    }
    return { kind: 'pass' }
  }
}

const namesBrokers = ({ apiKey }: RequestHead) => apiKey === API.Metadata || apiKey === API.FindCoordinator
