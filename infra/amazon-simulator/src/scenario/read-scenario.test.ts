import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { LAYOUTS } from '../documents/layouts.ts'
import { FAULT_KINDS } from '../faults/fault.ts'
import { scenarioFile } from '../testing/caller.ts'
import { changeFields, documentStyle } from './change.ts'
import { parseScenario, readScenario, ScenarioError } from './read-scenario.ts'

const SCENARIOS = readdirSync(fileURLToPath(new URL('../../scenarios', import.meta.url))).map((file) =>
  file.replace(/\.yaml$/, ''),
)

const faultsOf = (yaml: string): string[] => {
  try {
    parseScenario(yaml, 's.yaml')
    return []
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error
    return error.message.split('\n')
  }
}

test('a wrong key is named with its line and its place', () => {
  const yaml = `about: wrong
sellers:
  - { sellerId: A0X, marketplaces: [DE, US] }
reports:
  - marketplace: XX
    queue: 2 days
    document: { layout: germn }
faults:
  - { operation: createReports, kind: throttle }
  - { operation: createReport, kind: throttle, timse: 2, sellr: A0X }
later:
  - after: { calls: 2, time: 3h }
    limit: {}
`
  expect(faultsOf(yaml).map((fault) => fault.split(': ').slice(0, 2).join(': '))).toEqual([
    's.yaml:3: sellers[0].marketplaces',
    's.yaml:5: reports[0].marketplace',
    's.yaml:6: reports[0].queue',
    's.yaml:7: reports[0].document.layout',
    's.yaml:9: faults[0].operation',
    's.yaml:10: faults[1].timse',
    's.yaml:10: faults[1].sellr',
    's.yaml:12: later[0].after',
    's.yaml:13: later[0].limit',
  ])
})

test.each([
  [
    'about: a\nfaults:\n  - { operation: token, kind: failure, seller: A0NOBODY }',
    's.yaml:3: faults[0].seller: seller A0NOBODY is not in sellers',
  ],
  [
    'about: a\nlater:\n  - { after: { calls: 1 }, revoke: [A0NOBODY] }',
    's.yaml:3: later[0].revoke[0]: seller A0NOBODY is not in sellers',
  ],
  ['seed: 1', 's.yaml:1: about:'],
  ['- a', 's.yaml:1: (whole file):'],
  ['about: [', 's.yaml: Flow sequence'],
  ['', 's.yaml:1: (whole file):'],
])('%j is refused: %s', (yaml, fault) => {
  expect(faultsOf(yaml)[0]).toContain(fault)
})

test('a file that is not there is named', () => {
  expect(() => readScenario('/nowhere/s.yaml')).toThrow('/nowhere/s.yaml: cannot be read (ENOENT)')
})

test.each(SCENARIOS)('the example %s can be read, says what it is about, and is used by a test', (name) => {
  expect(readScenario(scenarioFile(name)).about.length).toBeGreaterThan(20)
  const tests = [
    'reports/reports',
    'limits/limits',
    'faults/faults',
    'sellers/sellers',
    'documents/documents',
  ].map((file) => readFileSync(new URL(`../${file}.test.ts`, import.meta.url), 'utf8'))
  expect(tests.join()).toContain(`play('${name}')`)
})

test('the README names every scenario, key, fault and layout', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const keys = Object.keys({ ...changeFields, ...documentStyle.shape })
  for (const name of [...SCENARIOS, ...keys, ...FAULT_KINDS, ...LAYOUTS])
    expect(readme).toContain(`\`${name}\``)
})
