import { Session } from 'chdb'
import { named, quoted, type Statement } from './statement.ts'

/** What a statement gave. */
export interface EngineResult {
  readonly bytes: Uint8Array
  readonly rowsRead: number
  readonly bytesRead: number
  readonly elapsedSeconds: number
}

/** An exception of ClickHouse, with its number. */
export class EngineError extends Error {
  readonly clickhouseCode: number

  constructor(code: number, message: string) {
    super(message)
    this.clickhouseCode = code
  }
}

const UNKNOWN_EXCEPTION = 1002

/** The embedded engine: one data folder, one statement at a time, in the order of arrival. */
export class Engine {
  readonly #session: Session
  #last: Promise<unknown> = Promise.resolve()

  constructor(folder: string) {
    this.#session = new Session(folder)
  }

  /**
   * Runs one statement with its own database, settings and parameters; they do not outlive it.
   *
   * @throws EngineError with ClickHouse's number and text.
   */
  run(statement: Statement): Promise<EngineResult> {
    const result = this.#last.then(() => this.#run(statement))
    this.#last = result.catch(() => {})
    return result
  }

  /** Waits for the statement in flight and closes the data folder. */
  async close(): Promise<void> {
    await this.#last
    this.#session.close()
  }

  async #run({ sql, database, format, parameters, settings }: Statement): Promise<EngineResult> {
    const set: string[] = []
    try {
      await this.#query(`USE ${named(database ?? 'default')}`)
      for (const [name, value] of Object.entries(settings)) {
        await this.#query(`SET ${name} = ${quoted(value)}`)
        set.push(name)
      }
      const result = Object.keys(parameters).length
        ? await this.#session.queryBindAsync(sql, parameters, { format })
        : await this.#session.queryAsync(sql, { format })
      return {
        bytes: result.bytes(),
        rowsRead: result.rowsRead,
        bytesRead: result.bytesRead,
        elapsedSeconds: result.elapsed,
      }
    } catch (error) {
      throw toEngineError(error)
    } finally {
      for (const name of set) await this.#query(`SET ${name} = DEFAULT`)
    }
  }

  async #query(sql: string): Promise<void> {
    await this.#session.queryAsync(sql)
  }
}

function toEngineError(error: unknown): EngineError {
  const { message, clickhouseCode } = error as { message: string; clickhouseCode?: number }
  return new EngineError(clickhouseCode ?? UNKNOWN_EXCEPTION, message)
}
