import type { InputTopic, LoadedInput, LoadedTransaction } from './inputs.ts'

/** Header of each input: `transaction/index`, so that a record in a topic is known for what was meant. */
export const INPUT_HEADER = 'fault-input'

/** Everything that was written, or was given up: what the verifier counts from. */
export class InputLog {
  readonly #transactions: LoadedTransaction[] = []
  readonly #acknowledged = new Set<number>()

  /** @returns Number of the transaction. */
  begin(transaction: LoadedTransaction): number {
    return this.#transactions.push(transaction) - 1
  }

  /** The broker has said that the transaction is committed. */
  acknowledge(number: number): void {
    this.#acknowledged.add(number)
  }

  get acknowledged(): ReadonlySet<number> {
    return this.#acknowledged
  }

  get transactions(): readonly LoadedTransaction[] {
    return this.#transactions
  }

  /** Every input of a topic that is known to be committed, in the order it was begun in. */
  written(topic: InputTopic): LoadedInput[] {
    return this.#transactions.flatMap((transaction, number) =>
      transaction.topic === topic && this.#acknowledged.has(number) ? transaction.inputs : [],
    )
  }

  /** @throws Error for a header that no input of this log has. */
  find(header: string): { number: number; index: number; aborted: boolean; input: LoadedInput } {
    const [number = -1, index = -1] = header.split('/').map(Number)
    const transaction = this.#transactions[number]
    const input = transaction?.inputs[index]
    if (!transaction || !input) throw new Error(`No input ${header} was ever written`)
    return { number, index, aborted: transaction.aborted, input }
  }
}
