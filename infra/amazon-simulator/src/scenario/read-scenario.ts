import { readFileSync } from 'node:fs'
import { type Document, isNode, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { type Scenario, scenario } from './scenario.ts'

/** A scenario that cannot be played; the message names every wrong key with its line. */
export class ScenarioError extends Error {
  override name = 'ScenarioError'
}

/** Reads a scenario file. @throws ScenarioError when there is no such file, or something in it is wrong. */
export function readScenario(path: string): Scenario {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new ScenarioError(`${path}: cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause })
  }
  return parseScenario(text, path)
}

/** Reads a scenario from YAML text, which JSON is too. @throws ScenarioError with each wrong key and its line. */
export function parseScenario(text: string, name = 'scenario'): Scenario {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const [broken] = document.errors
  if (broken) throw new ScenarioError(`${name}: ${broken.message.trim()}`)
  const parsed = scenario.safeParse(document.toJS())
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.flatMap((issue) => faultsAt(issue))
  const told = faults
    .map(({ path, message }) => ({ line: lineOf(path, document, lines), path, message }))
    .toSorted((a, b) => a.line - b.line)
    .map(({ line, path, message }) => `${name}:${line}: ${dotted(path)}: ${message}`)
  throw new ScenarioError(told.join('\n'))
}

/** An issue names all unknown keys of an object at once: each becomes a fault of its own. */
function faultsAt(issue: z.core.$ZodIssue): { path: PropertyKey[]; message: string }[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, message: issue.message }]
  const message = 'is no key here; see the scenario reference in the README'
  return issue.keys.map((key) => ({ path: [...issue.path, key], message }))
}

/** The line of the deepest part of a path that is there. */
function lineOf(path: readonly PropertyKey[], document: Document, lines: LineCounter): number {
  for (let depth = path.length; depth > 0; depth--) {
    const node = document.getIn(path.slice(0, depth) as (string | number)[], true)
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
  }
  return 1
}

/** `later[0].faults[2].kind`. */
const dotted = (path: readonly PropertyKey[]): string =>
  path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '') || '(whole file)'
