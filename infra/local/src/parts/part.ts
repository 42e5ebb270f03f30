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

/** Passes a child's output on, line by line. @returns The last line, for the words of a failed start. */
export function follow(
  part: string,
  child: { stdout: NodeJS.ReadableStream | null; stderr: NodeJS.ReadableStream | null },
  log: PartContext['log'],
): () => string {
  let last = 'it said nothing'
  for (const stream of [child.stdout, child.stderr]) {
    let rest = ''
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (line.trim()) {
          last = line
          log(part, line)
        }
      }
    })
  }
  return () => last
}
