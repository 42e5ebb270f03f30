import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type ServiceName, services } from '@backhaul/flow'
import { expect, test } from 'vitest'
import { ROOT } from './folders.ts'
import { startArguments } from './start-script.ts'

const compose = readFileSync(join(ROOT, 'infra', 'compose.yaml'), 'utf8')

test.each(Object.keys(services) as ServiceName[])(
  'containers start %s with the options of its `npm start`',
  (name) => {
    const given = startArguments(name).map((argument) =>
      argument.startsWith('-') ? argument : relative(ROOT, argument),
    )
    expect(compose).toContain(`command: [${given.join(', ')}]`)
  },
)
