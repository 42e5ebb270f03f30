/**
 * When a part of a send fails, kafkajs tries again those brokers that have not answered. Where partitions have moved
 * meanwhile, it leaves out what the new leader should have (that one has answered already), or sends again what the old
 * one has taken: a transaction commits with records lost or doubled. So a send in a transaction is tried once; whoever
 * sends begins anew.
 * Mends: kafkajs/src/producer/sendMessages.js. Upstream: tulios/kafkajs issue 1303.
 */
import { wrapModule } from './replace-module.ts'

type Attempt<T> = (bail: (error: Error) => void, retryCount: number, retryTime: number) => Promise<T>

interface EosManager {
  isTransactional(): boolean
}

export type CreateSendMessages = (options: {
  logger: object
  cluster: object
  partitioner: (...given: never[]) => number
  eosManager: EosManager
  retrier: <T>(attempt: Attempt<T>) => Promise<T>
}) => (send: object) => Promise<unknown>

export const SEND_MESSAGES = 'kafkajs/src/producer/sendMessages'

const once = <T>(attempt: Attempt<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    attempt(reject, 0, 0).then(resolve, reject)
  })

wrapModule<CreateSendMessages>(
  SEND_MESSAGES,
  (create) => (options) =>
    create(options.eosManager.isTransactional() ? { ...options, retrier: once } : options),
)
