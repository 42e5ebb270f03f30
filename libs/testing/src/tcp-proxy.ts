import { connect, createServer, type Server, type Socket } from 'node:net'

/** A server before another, which a test can take down and bring back under the same address. */
export interface TcpProxy {
  /** The given URL with the proxy's address. */
  readonly url: string
  up(): Promise<void>
  /** Refuses connections, and cuts those that are open. */
  down(): Promise<void>
}

/** A proxy that is down at first. */
export async function tcpProxy(targetUrl: string): Promise<TcpProxy> {
  const target = new URL(targetUrl)
  const sockets = new Set<Socket>()
  let server: Server | undefined
  let port = 0

  const up = async () => {
    server = createServer((near) => {
      const far = connect(Number(target.port), target.hostname)
      for (const socket of [near, far]) {
        sockets.add(socket)
        socket.on('error', () => {})
        socket.on('close', () => {
          near.destroy()
          far.destroy()
          sockets.delete(socket)
        })
      }
      near.pipe(far).pipe(near)
    })
    await new Promise<void>((resolve) => server?.listen(port, '127.0.0.1', resolve))
    port = (server.address() as { port: number }).port
  }
  const down = async () => {
    const closed = new Promise((resolve) => server?.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  }
  // Up once, to get a port that is free.
  await up()
  await down()
  const url = new URL(targetUrl)
  url.host = `127.0.0.1:${port}`
  return { url: url.href, up, down }
}
