/**
 * kafkajs computes CRC32C in JavaScript, a byte at a time: 0.45 GB/s, against 13 GB/s of the processor's own instruction.
 * Mends: kafkajs/src/protocol/recordBatch/crc32C. Upstream: no issue known.
 */
import { crc32c } from '@node-rs/crc32'
import { replaceModule } from './replace-module.ts'

replaceModule('kafkajs/src/protocol/recordBatch/crc32C', (bytes: Buffer) => crc32c(bytes))
