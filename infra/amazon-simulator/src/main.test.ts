import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { HELP } from './cli-options.ts'
import { scenarioFile } from './testing/caller.ts'

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url))

const start = (args: string[], env: NodeJS.ProcessEnv = {}) =>
  spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, ...env } })

async function output(args: string[]) {
  const child = start(args)
  const text = async (stream: NodeJS.ReadableStream) => (await Array.fromAsync(stream)).join('')
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { stdout, stderr, code }
}

test('it plays a scenario until it is told to stop, and says where it listens', async () => {
  const child = start(['--scenario', scenarioFile('days-pass'), '--port', '0'])
  const [line] = await once(child.stdout, 'data')
  const { msg, url } = JSON.parse(String(line))
  expect(msg).toBe('listening')
  const clock = (await (await fetch(`${url}/_control/clock`)).json()) as { speed: number }
  expect(clock.speed).toBe(86_400)
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
})

test('help, check and mistakes are told in words', async () => {
  const file = scenarioFile('limits-cut')
  const [help, schema, check, option, wrong] = await Promise.all([
    output(['--help']),
    output(['--schema']),
    output(['--check', '--scenario', file]),
    output(['--scenrio', file]),
    output(['--scenario', MAIN]),
  ])
  expect(help).toMatchObject({ code: 0, stdout: HELP })
  expect(Object.keys(JSON.parse(schema.stdout).properties)).toContain('faults')
  expect(check).toMatchObject({ code: 0, stdout: expect.stringContaining('After two reports') })
  expect(option).toMatchObject({ code: 2, stderr: expect.stringContaining("'--scenrio'") })
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('Nothing was started') })
})
