/**
 * Sequence numbers of an idempotent producer go on at 0 after 2^31 - 1. kafkajs sets 0 whatever lies between, and the
 * broker answers OUT_OF_ORDER_SEQUENCE_NUMBER: the producer is dead after 2^31 records to a partition.
 * Mends: kafkajs/src/producer/eosManager. Source: DefaultRecordBatch.incrementSequence of Apache Kafka. Upstream: no issue known.
 */
import { type CreateEosManager, EOS_MANAGER } from './eos-manager.ts'
import { wrapModule } from './replace-module.ts'

const SEQUENCES = 2 ** 31

wrapModule<CreateEosManager>(EOS_MANAGER, (create) => (options) => {
  const stock = create(options)
  const next = new Map<string, number>()
  const getSequence = (topic: string, partition: number | string) => next.get(`${topic}/${partition}`) ?? 0
  return {
    ...stock,
    async initProducerId() {
      await stock.initProducerId()
      next.clear()
    },
    getSequence,
    /** A negative increment takes back that of a send that failed. */
    updateSequence(topic, partition, increment) {
      if (!stock.isInitialized()) return
      const sequence = getSequence(topic, partition) + increment
      next.set(`${topic}/${partition}`, (sequence + SEQUENCES) % SEQUENCES)
    },
  }
})
