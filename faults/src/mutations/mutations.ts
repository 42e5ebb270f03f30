import type { Mutation } from './mutation.ts'

/** Each defence of the reconciler, switched off in turn. */
export const mutations: readonly Mutation[] = [
  {
    name: 'overlay not dropped before a batch is tried again',
    file: 'libs/kafka/src/processor.ts',
    replace: 'processor.drop()',
    by: '',
    faults: ['config-service down in the middle of a batch'],
  },
  {
    name: 'offsets read before InitProducerId',
    file: 'libs/kafka/src/processor.ts',
    replace: 'const writer = await kafka.transactionalWriter(String(partition))',
    by: 'const early = await committedPositions(kafka, inputs, partition)\n    const writer = await kafka.transactionalWriter(String(partition))',
    also: {
      replace: 'const committed = await committedPositions(kafka, inputs, partition)',
      by: 'const committed = early',
    },
    faults: ["late EndTxn: it arrives before the successor's InitProducerId"],
  },
  {
    name: 'no epoch fence: a transactional id of chance',
    file: 'libs/kafka/src/client.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source
    replace: '`${settings.TOPIC_PREFIX}${service}-${id}`',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source
    by: '`${settings.TOPIC_PREFIX}${service}-${id}-${Math.random()}`',
    faults: ["late EndTxn: it arrives before the successor's EndTxn"],
  },
  {
    name: 'filter of aborted records off',
    file: 'libs/kafka/src/record-batch.ts',
    replace: 'TRANSACTIONAL_BIT && aborting.has(producerId)',
    by: 'TRANSACTIONAL_BIT && false',
    faults: ['all connections cut', 'answers late by 250 ms'],
  },
  {
    name: 'dead letters outside the transaction',
    file: 'services/reconciler/src/pipeline.ts',
    replace: "outbox.writeRaw('dead-letters.reconciler.v1', {",
    by: "void this.#deps.kafka.deadLetter('dead-letters.reconciler.v1', [record], 'reconcile')\n    void ({",
    faults: ['poison in a transaction that is not committed'],
  },
  {
    name: 'lost offsets not noticed, by state or by changelog',
    file: 'services/reconciler/src/restore.ts',
    replace: '  checkPositions(partition, inputs, committed)\n',
    by: '',
    also: {
      file: 'libs/kafka/src/begin.ts',
      replace: 'if (hasBegun && lost.length > 0) throw',
      by: 'if (false) throw',
    },
    faults: ['offsets lost: it stops, says so, and goes on once they are set'],
  },
]
