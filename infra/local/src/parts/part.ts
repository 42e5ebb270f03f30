import type { Children } from '../children.ts'

/** What the parts are started with. */
export interface PartContext {
  /** Folder of all state of this stack. */
  readonly folder: string
  /** Folder of what was fetched, shared by stacks of one project. */
  readonly artifacts: string
  readonly children: Children
  readonly log: (part: string, line: string) => void
}

/** A server that answers. */
export interface RunningPart {
  readonly url: string
  readonly pid: number | null
  stop(): Promise<void>
}

/** As many lines of a child as tell why it ended. */
const LAST_LINES = 6

/** Passes a child's output on, line by line. @returns Its last lines, for the words of a failed start. */
export function follow(
  part: string,
  child: { stdout: NodeJS.ReadableStream | null; stderr: NodeJS.ReadableStream | null },
  log: PartContext['log'],
): () => string {
  const last: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    let rest = ''
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (line.trim()) {
          last.push(line)
          if (last.length > LAST_LINES) last.shift()
          log(part, line)
        }
      }
    })
  }
  return () => last.join('\n  ') || 'it said nothing'
}
