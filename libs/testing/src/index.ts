export { eventually } from './eventually.ts'
export { freshClickHouse, freshDatabase, freshName, freshTopics, stack } from './fresh.ts'
export { actAs } from './kafka.ts'
export { type TcpProxy, tcpProxy } from './tcp-proxy.ts'
