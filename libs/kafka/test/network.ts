import { connect, type Socket } from 'node:net'
import type * as kafkajs from 'kafkajs'

/** Where a request says what it asks. Source: the Kafka protocol, request header. */
const API_KEY_AT = 4

/** The way from one client to its brokers: it can be cut without either side hearing of it. */
export class Network {
  readonly asked: number[] = []
  /** Requests for which this is true are lost. */
  loses: (apiKey: number) => boolean = () => false

  readonly socketFactory = (({
    host,
    port,
    onConnect,
  }: {
    host: string
    port: number
    onConnect(): void
  }) => {
    const socket = connect({ host, port }, onConnect)
    const write = socket.write.bind(socket) as (bytes: Buffer, ...rest: unknown[]) => boolean
    socket.write = ((bytes: Buffer, ...rest: unknown[]) => {
      const apiKey = bytes.readInt16BE(API_KEY_AT)
      this.asked.push(apiKey)
      return this.loses(apiKey) || write(bytes, ...rest)
    }) as Socket['write']
    return socket
  }) as unknown as kafkajs.ISocketFactory
}
