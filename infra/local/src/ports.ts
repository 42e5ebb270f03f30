import { createServer } from 'node:net'

const canListen = (port: number): Promise<number | null> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(null))
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      const taken = typeof address === 'object' && address ? address.port : null
      server.close(() => resolve(taken))
    })
  })

/** The preferred port on 127.0.0.1 when it is free, else any free one. */
export async function freePort(preferred: number): Promise<number> {
  const port = (await canListen(preferred)) ?? (await canListen(0))
  if (port === null) throw new Error('No free port on 127.0.0.1')
  return port
}
