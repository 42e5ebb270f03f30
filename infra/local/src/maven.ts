import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { filledOnce } from './filled-once.ts'

/**
 * Fills a folder by a Maven command once.
 *
 * @param args Maven arguments, given the folder to fill.
 * @throws Error that says what to install when Maven is missing, or what Maven said.
 */
export function fetchOnce(folder: string, args: (target: string) => string[]): Promise<void> {
  return filledOnce(folder, async (target) => {
    try {
      await promisify(execFile)('mvn', ['-q', '-B', ...args(target)], { maxBuffer: 64 * 1024 * 1024 })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        throw new Error(
          'Maven is missing: install Apache Maven 3.8 or newer (it fetches Kafka and the registry)',
        )
      }
      throw new Error(`Maven could not fetch ${folder}: ${(error as { stdout?: string }).stdout || error}`)
    }
  })
}
