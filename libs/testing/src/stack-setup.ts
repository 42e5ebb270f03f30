import { emptyFolder, givenServers, type Parts, startParts, TEST } from '@backhaul/local'
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

/** Vitest's global set-up: takes the servers that the environment names, or starts real ones, empty, once a run. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = givenServers()
  if (given) {
    project.provide('stack', given)
    return undefined
  }
  running ??= startEmpty()
  users += 1
  const parts = await running
  project.provide('stack', parts.urls)
  return async () => {
    users -= 1
    if (users > 0) return
    running = undefined
    await parts.stop()
  }
}

async function startEmpty(): Promise<Parts> {
  await emptyFolder(TEST)
  return startParts(TEST)
}

let running: Promise<Parts> | undefined
let users = 0
