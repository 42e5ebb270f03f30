/** The part of kafkajs that knows a producer's sequences and transaction, as the fixes see it. */
export interface EosManager {
  initProducerId(): Promise<void>
  isInitialized(): boolean
  getSequence(topic: string, partition: number | string): number
  updateSequence(topic: string, partition: number | string, increment: number): void
  addPartitionsToTransaction(topicData: readonly object[]): Promise<void>
  sendOffsets(offsets: object): Promise<void>
}

export type CreateEosManager = (options: object) => EosManager

export const EOS_MANAGER = 'kafkajs/src/producer/eosManager'
