import { emptyFolder, type Parts, startParts, TEST } from '@backhaul/local'
import type { TestProject } from 'vitest/node'

/** The servers that the tests of a run share. */
export interface Stack {
  readonly kafka: string
  readonly registry: string
  readonly postgres: string
  readonly clickhouse: string
}

declare module 'vitest' {
  interface ProvidedContext {
    stack: Stack
  }
}

/** Vitest's global set-up: starts the real servers once, empty, or takes those that the environment names. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const shared = running ?? startEmpty()
  running = shared
  users += 1
  const parts = await shared
  project.provide('stack', parts.urls)
  return async () => {
    users -= 1
    if (users > 0) return
    running = undefined
    await parts.stop()
  }
}

async function startEmpty(): Promise<Parts> {
  if (!process.env.KAFKA_BROKERS) await emptyFolder(TEST)
  return startParts(TEST)
}

let running: Promise<Parts> | undefined
let users = 0
