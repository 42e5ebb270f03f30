/**
 * kafkajs decodes fetched records wrongly in places: aborted records can be delivered (three cases), the CRC is ignored,
 * a position behind a compacted tail hardly moves, and batches above 120,000 records overflow the stack.
 * Upstream: tulios/kafkajs issues 562, 1072 and src/consumer/filterAbortedMessages.js; the project has no maintainer.
 *
 * Here its decoder hands over the record set as bytes (`messages.bytes`), and `record-batch.ts` decodes them.
 */
import { replaceModule } from './replace-module.ts'

interface FetchDecoder {
  readInt32(): number
  canReadBytes(length: number): boolean
  readBytes(length: number): Buffer
}

/** What a fetched partition carries in `messages` once this module is loaded. */
export interface RawRecordSet extends Array<never> {
  bytes: Buffer
}

const NO_BYTES = Buffer.alloc(0)

async function readRecordSet(decoder: FetchDecoder): Promise<RawRecordSet> {
  const size = decoder.readInt32()
  if (size > 0 && !decoder.canReadBytes(size)) {
    throw new Error('A fetch response ends inside its record set')
  }
  const bytes = size > 0 ? decoder.readBytes(size) : NO_BYTES
  return Object.assign([] as never[], { bytes })
}

replaceModule('kafkajs/src/protocol/requests/fetch/v4/decodeMessages', readRecordSet)
