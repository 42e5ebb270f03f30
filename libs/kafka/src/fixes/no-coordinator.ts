/**
 * Where no broker answers for a moment, as when the only one is restarted, kafkajs says that a group has no coordinator, once
 * and for all: its consumer ends, and the service with it. A broker that comes back has one, so it is tried again.
 * Mends: findGroupCoordinatorMetadata of kafkajs/src/cluster/index.js. Upstream: no issue known.
 */
import { createRequire } from 'node:module'

type Find = (this: object, group: object) => Promise<object>

const require = createRequire(import.meta.url)
const Cluster = require('kafkajs/src/cluster') as { prototype: { findGroupCoordinatorMetadata: Find } }
const { KafkaJSError } = require('kafkajs/src/errors') as {
  KafkaJSError: new (cause: Error, options: { retriable: boolean }) => Error
}

const find = Cluster.prototype.findGroupCoordinatorMetadata

Cluster.prototype.findGroupCoordinatorMetadata = async function (group) {
  try {
    return await find.call(this, group)
  } catch (error) {
    if ((error as Error).name !== 'KafkaJSGroupCoordinatorNotFound') throw error
    throw new KafkaJSError(error as Error, { retriable: true })
  }
}
