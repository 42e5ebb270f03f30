/** The part of kafkajs that knows a producer's sequences and transaction, as the fixes see it. */
export interface EosManager {
  initProducerId(): Promise<void>
  beginTransaction(): void
  commit(): Promise<void>
  isInitialized(): boolean
  getSequence(topic: string, partition: number | string): number
  updateSequence(topic: string, partition: number | string, increment: number): void
  addPartitionsToTransaction(topicData: readonly object[]): Promise<void>
  sendOffsets(offsets: object): Promise<void>
}

/** The broker that keeps a transaction, or the group whose offsets go with it. */
export interface CoordinatorOfTransactions {
  isConnected(): boolean
  initProducerId(request: object): Promise<object>
  addPartitionsToTxn(request: object): Promise<object>
  addOffsetsToTxn(request: object): Promise<object>
  txnOffsetCommit(request: object): Promise<object>
  endTxn(request: object): Promise<object>
}

interface EosOptions {
  readonly cluster: {
    findGroupCoordinator(group: {
      groupId: string
      coordinatorType: number
    }): Promise<CoordinatorOfTransactions>
  }
}

export type CreateEosManager = (options: EosOptions) => EosManager

export const EOS_MANAGER = 'kafkajs/src/producer/eosManager'
