import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, loadavg, platform, release } from 'node:os'
import { join } from 'node:path'
import { ARTIFACTS, findJava, ROOT } from '@backhaul/local'
import { canPin } from './pinned.ts'

/** Where figures come from: without it they say nothing. */
export interface Environment {
  /** What was measured; `-dirty` where files differed from it. */
  readonly commit: string
  readonly cores: number
  readonly cpu: string
  readonly platform: string
  readonly node: string
  /** Load of the machine over the last minute, before the bench began. */
  readonly load: number
  /** False where contender and broker share cores. */
  readonly pinned: boolean
  readonly versions: Readonly<Record<string, string>>
}

export function describeEnvironment(): Environment {
  const require = createRequire(import.meta.url)
  return {
    commit: commitOf(ROOT),
    // Those of the machine: this process has been moved to one of them.
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? 'unknown',
    platform: `${platform()} ${release()}`,
    node: process.versions.node,
    load: Number(loadavg()[0]?.toFixed(2)),
    pinned: canPin,
    versions: {
      kafkajs: (require('kafkajs/package.json') as { version: string }).version,
      broker: jarVersion('kafka', 'kafka-clients'),
      java: spawnSync(findJava(), ['--version'], { encoding: 'utf8' }).stdout.split('\n')[0] ?? 'unknown',
    },
  }
}

/** `unknown` in a checkout without git. */
function commitOf(folder: string): string {
  const { status, stdout } = spawnSync('git', ['describe', '--always', '--dirty'], {
    cwd: folder,
    encoding: 'utf8',
  })
  return status === 0 ? stdout.trim() : 'unknown'
}

/** Version in a jar's name, `4.3.1` of `kafka-clients-4.3.1.jar`. */
function jarVersion(folder: string, artifact: string): string {
  const jar = readdirSync(join(ARTIFACTS, folder)).find((file) => file.startsWith(`${artifact}-`))
  return jar?.slice(artifact.length + 1, -'.jar'.length) ?? 'unknown'
}
