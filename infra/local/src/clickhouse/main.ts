import { join } from 'node:path'
import { takeFolder } from '../folder-lock.ts'
import { Engine } from './engine.ts'
import { serveClickHouse } from './server.ts'

// node main.ts <folder> <port>: one process owns the data folder until it is told to stop.
const [folder, port] = process.argv.slice(2) as [string, string]
const release = takeFolder(folder)
const engine = new Engine(join(folder, 'data'))
const server = await serveClickHouse(engine, join(folder, 'uploads'))

async function stop(): Promise<void> {
  server.close()
  server.closeIdleConnections()
  await engine.close()
  release()
  process.exit(0)
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)

server.listen(Number(port), '127.0.0.1')
