import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** The service as a process of its own, to be ended as the outside ends processes. */
export interface ServiceProcess {
  /** Where it listens. */
  readonly url: string
  /** @returns exit code, or the signal that ended it. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | string | null>
}

/** Starts the process; resolves once it listens, which is before it is ready. */
export async function spawnService(environment: Readonly<Record<string, string>>): Promise<ServiceProcess> {
  const child: ChildProcess = spawn(process.execPath, [MAIN], {
    env: { ...process.env, ...environment, LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = Promise.withResolvers<string>()
  child.once('exit', (code) => url.reject(new Error(`the service ended with ${code}`)))
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  lines.on('line', (line) => {
    if (line.includes('"msg":"listening"')) url.resolve(JSON.parse(line).url)
  })
  return {
    url: await url.promise,
    async end(signal) {
      if (child.exitCode === null && child.signalCode === null) {
        const exit = once(child, 'exit')
        child.kill(signal)
        await exit
      }
      return child.exitCode ?? child.signalCode
    },
  }
}
