import { spawn } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LOCAL, ROOT } from '../folders.ts'

// `npm test`: types and lint, unit tests (both cached by turbo), then integration and end-to-end tests on real servers.
// Ends with the counts of all of them; a check that fails counts as one failure.
const COUNTS = join(LOCAL, 'test-counts')
const UNIT_COUNTS = [
  '{libs,services,infra}/*/.turbo/unit.json',
  '{schemas,bench,faults,e2e}/.turbo/unit.json',
]
const SUMMARY = join(COUNTS, 'summary.txt')

let passed = 0
let failed = 0

rmSync(COUNTS, { recursive: true, force: true })
mkdirSync(COUNTS, { recursive: true })
for (const stale of unitFiles()) rmSync(stale)

if (!(await run('turbo', ['run', 'check', 'lint', '--output-logs=errors-only', '--continue']))) failed += 1
const unitPassed = await run('turbo', ['run', 'test', '--output-logs=errors-only', '--continue'])
for (const file of unitFiles()) count(file)
if (!unitPassed && failed === 0) failed += 1
for (const project of ['integration', 'e2e']) {
  const file = join(COUNTS, `${project}.json`)
  const ok = await run('vitest', [
    ...['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
    ...process.argv.slice(2),
  ])
  const before = { passed, failed }
  if (existsSync(file)) count(file)
  const ranNothing = passed === before.passed && failed === before.failed
  if (failed === before.failed && (!ok || ranNothing)) failed += 1
}
const summary = `${passed} passed, ${failed} failed`
writeFileSync(SUMMARY, `${summary}\n`)
console.log(summary)
process.exit(failed === 0 ? 0 : 1)

function unitFiles(): string[] {
  return UNIT_COUNTS.flatMap((pattern) => globSync(pattern, { cwd: ROOT })).map((file) => join(ROOT, file))
}

function count(file: string): void {
  const told = JSON.parse(readFileSync(file, 'utf8')) as { numPassedTests: number; numFailedTests: number }
  passed += told.numPassedTests
  failed += told.numFailedTests
}

function run(command: string, args: string[]): Promise<boolean> {
  const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code === 0))
  })
}
