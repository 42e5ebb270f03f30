import type { Mutation, Replacement } from './mutation.ts'

const PROCESSOR = 'libs/kafka/src/processor.ts'

/** A reader that leaves records out now and then, and says truly where what it returns began. */
const readerThatJumps: Replacement = {
  file: 'libs/kafka/src/partition-reader.ts',
  replace: 'const fetchOffset = position.offset\n',
  by: `const jumps = fetched.messages.bytes.length > 2_000 && Math.random() < 0.3
        const fetchOffset = jumps ? position.offset + 3n : position.offset\n`,
}

const positionsNotCompared: Replacement = {
  file: 'services/reconciler/src/restore.ts',
  replace: '  checkPositions(partition, state.inputs, committed)\n',
  by: '',
}

/** Each defence of the reconciler, switched off in turn. */
export const mutations: readonly Mutation[] = [
  {
    name: 'overlay not dropped before a batch is tried again',
    changes: [{ file: PROCESSOR, replace: 'processor.drop()', by: '' }],
    faults: ['config-service down in the middle of a batch'],
  },
  {
    // Alone it is noticed by the state, which is ahead of them, and the step is done again.
    name: 'offsets read before InitProducerId, and not compared with the state',
    changes: [
      {
        file: PROCESSOR,
        replace: 'const writer = await kafka.transactionalWriter(String(partition))',
        by: 'const early = await committedPositions(kafka, inputs, partition)\n    const writer = await kafka.transactionalWriter(String(partition))',
      },
      {
        file: PROCESSOR,
        replace: 'const committed = await committedPositions(kafka, inputs, partition)',
        by: 'const committed = early',
      },
      positionsNotCompared,
    ],
    // Rows and orders that are read again say nothing new; a dead letter is there twice.
    faults: ["poison in a transaction whose commit arrives before the successor's InitProducerId"],
  },
  {
    name: 'no epoch fence: a transactional id of chance',
    changes: [
      {
        file: 'libs/kafka/src/client.ts',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source
        replace: '`${settings.TOPIC_PREFIX}${service}-${id}`',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source
        by: '`${settings.TOPIC_PREFIX}${service}-${id}-${Math.random()}`',
      },
    ],
    faults: ["late EndTxn: it arrives before the successor's EndTxn"],
  },
  {
    name: 'filter of aborted records off',
    changes: [
      {
        file: 'libs/kafka/src/record-batch.ts',
        replace: 'TRANSACTIONAL_BIT && aborting.has(producerId)',
        by: 'TRANSACTIONAL_BIT && false',
      },
    ],
    faults: ['all connections cut', 'answers late by 250 ms'],
  },
  {
    name: 'checksum of batches not compared',
    changes: [
      {
        file: 'libs/kafka/src/record-batch.ts',
        replace: 'if (crc32c(batch.subarray(ATTRIBUTES_AT)) !== batch.readUInt32BE(CRC_AT)) {',
        by: 'if (crc32c(batch.subarray(ATTRIBUTES_AT)) < 0) {',
      },
    ],
    faults: ['a bit of a fetched batch flips: it stops and says so'],
  },
  {
    name: 'a reader that jumps',
    changes: [readerThatJumps],
    faults: ['all connections cut', 'answers late by 250 ms'],
  },
  {
    name: 'a reader that jumps, and continuity not compared',
    changes: [
      readerThatJumps,
      { file: PROCESSOR, replace: 'if (fetchOffset !== expected) {', by: 'if (expected === undefined) {' },
    ],
    faults: ['all connections cut', 'answers late by 250 ms'],
  },
  {
    name: 'dead letters outside the transaction',
    changes: [
      {
        file: 'services/reconciler/src/pipeline.ts',
        replace: "outbox.writeRaw('dead-letters.reconciler.v1', {",
        by: "void this.#deps.kafka.deadLetter('dead-letters.reconciler.v1', [record], 'reconcile')\n    void ({",
      },
    ],
    faults: ['poison in a transaction that is not committed'],
  },
  {
    name: 'lost offsets not noticed, by state or by changelog',
    changes: [
      positionsNotCompared,
      {
        file: 'libs/kafka/src/begin.ts',
        replace: 'if (hasBegun && lost.length > 0) throw',
        by: 'if (false) throw',
      },
    ],
    faults: ['offsets lost: it stops, says so, and goes on once they are set'],
  },
  {
    name: 'checksum of snapshots not compared',
    changes: [
      {
        file: 'libs/state-store/src/read-snapshot.ts',
        replace: 'if (crc32c(used) !== sum) throw',
        by: 'if (crc32c(used) < 0) throw',
      },
    ],
    faults: ['snapshots with a bit flipped: they are refused, and the state comes from Kafka'],
  },
  {
    name: 'snapshots not compared with what Kafka has',
    changes: [
      {
        file: 'services/reconciler/src/adapters/snapshots.ts',
        replace: 'if (!fault) return state\n',
        by: 'if (fault !== undefined) return state\n',
      },
    ],
    faults: ['snapshots ahead of Kafka: they are refused, and the state comes from Kafka'],
  },
]
