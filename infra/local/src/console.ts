import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters, styleText } from 'node:util'
import pretty from 'pino-pretty'

/** Servers say much at each start: only what needs a look is shown, all of it is in their file. */
const SERVERS = new Set(['kafka', 'registry', 'postgres', 'clickhouse'])
const NEEDS_A_LOOK = /\b(ERROR|FATAL|PANIC)\b/
/** Said to our own question whether it is ready yet. */
const STARTING_UP = 'the database system is starting up'

const COLOURS = ['cyan', 'green', 'yellow', 'blue', 'magenta', 'gray'] as const
const NAME_WIDTH = 16

/** Lines of all programs on one screen, each with its name in front; every line goes to `logs/<name>.log` too. */
export class Console {
  readonly #folder: string
  readonly #files = new Map<string, WriteStream>()
  readonly #colours = new Map<string, (typeof COLOURS)[number]>()
  readonly #pretty = pretty.prettyFactory({
    colorize: Boolean(process.stdout.isTTY),
    ignore: 'pid,hostname,name',
    errorLikeObjectKeys: ['err'],
    translateTime: 'SYS:HH:MM:ss',
    singleLine: true,
  })

  constructor(folder: string) {
    this.#folder = join(folder, 'logs')
    mkdirSync(this.#folder, { recursive: true })
  }

  /** A line of a program, JSON or plain. */
  line = (name: string, line: string): void => {
    this.#file(name).write(`${stripVTControlCharacters(line)}\n`)
    if (SERVERS.has(name) && (!NEEDS_A_LOOK.test(line) || line.includes(STARTING_UP))) return
    const text = line.startsWith('{') ? this.#pretty(line).trimEnd() : line
    process.stdout.write(`${this.#prefix(name)} ${text}\n`)
  }

  /** A line of our own. */
  say(text: string): void {
    process.stdout.write(`${text}\n`)
  }

  #prefix(name: string): string {
    const colour = this.#colours.get(name) ?? COLOURS[this.#colours.size % COLOURS.length] ?? 'gray'
    this.#colours.set(name, colour)
    return styleText(colour, `${name.padEnd(NAME_WIDTH)}│`)
  }

  #file(name: string): WriteStream {
    const file = this.#files.get(name) ?? createWriteStream(join(this.#folder, `${name}.log`))
    this.#files.set(name, file)
    return file
  }
}
