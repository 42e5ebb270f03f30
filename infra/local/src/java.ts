import { spawnSync } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** The registry needs it; Kafka is content with 17. */
const OLDEST_JAVA = 21

const USUAL = [
  '/usr/lib/jvm/*',
  '/Library/Java/JavaVirtualMachines/*/Contents/Home',
  '/opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home',
  join(homedir(), '.sdkman/candidates/java/*'),
]

/** Major version in the text of `java -version`: `25` of `"25.0.1"`, `8` of `"1.8.0"`; null when there is none. */
export function javaMajor(told: string): number | null {
  const match = /version "(?:1\.)?(\d+)/.exec(told)
  return match ? Number(match[1]) : null
}

function majorOf(java: string, env: NodeJS.ProcessEnv): number | null {
  return javaMajor(spawnSync(java, ['-version'], { encoding: 'utf8', env }).stderr ?? '')
}

/**
 * A Java that is new enough: from `JAVA_HOME`, `PATH`, then the usual folders.
 *
 * @throws Error that says what to install.
 */
export function findJava(environment: NodeJS.ProcessEnv = process.env, usual = USUAL): string {
  const homes = [environment.JAVA_HOME, ...usual.flatMap((pattern) => globSync(pattern).sort().reverse())]
  const candidates = homes
    .filter((home) => home !== undefined && home !== '')
    .map((home) => join(home as string, 'bin', 'java'))
  const onPath = 'java'
  for (const java of [candidates[0], onPath, ...candidates.slice(1)]) {
    if (!java || (java !== onPath && !existsSync(java))) continue
    if ((majorOf(java, environment) ?? 0) >= OLDEST_JAVA) return java
  }
  throw new Error(
    `Java ${OLDEST_JAVA} or newer is missing: install a JDK (for example Temurin 25) or set JAVA_HOME to one`,
  )
}
