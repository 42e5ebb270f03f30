#!/usr/bin/env node
import { type CliOptions, cliOptions, HELP } from './cli-options.ts'
import { Clock } from './clock.ts'
import { keepDays, readDays } from './kept-days.ts'
import { readScenario, ScenarioError } from './scenario/read-scenario.ts'
import { scenarioSchema } from './scenario/scenario.ts'
import { startSimulator } from './start.ts'

const EXIT_USAGE = 2

try {
  const options = cliOptions(process.argv.slice(2), process.env)
  if (options.help) process.stdout.write(HELP)
  else if (options.schema) process.stdout.write(`${JSON.stringify(scenarioSchema(), null, 2)}\n`)
  else if (options.check) check(options)
  else await run(options)
} catch (error) {
  const isUsage =
    error instanceof ScenarioError || String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS')
  if (!isUsage && !(error instanceof Error)) throw error
  process.stderr.write(
    `${(error as Error).message}\n${isUsage ? 'Nothing was started; --help tells the options.\n' : ''}`,
  )
  process.exitCode = EXIT_USAGE
}

function check({ scenario }: CliOptions): void {
  if (!scenario) throw new ScenarioError('--check needs --scenario FILE')
  process.stdout.write(`${scenario}: ${readScenario(scenario).about.trim()}\n`)
}

async function run({
  scenario,
  port,
  host,
  publicUrl,
  seed,
  quotaFactor,
  stateFile,
}: CliOptions): Promise<void> {
  const { epoch, movedDays } = readDays(stateFile)
  const keep = (moved: number) => keepDays(stateFile, { epoch, movedDays: moved })
  keep(movedDays)
  const simulator = await startSimulator({
    port,
    ...(host && { host }),
    ...(publicUrl && { publicUrl }),
    ...(scenario && { scenario }),
    seed,
    quotaFactor,
    epoch,
    clock: new Clock(movedDays, keep),
  })
  const line = { level: 30, time: Date.now(), name: 'amazon-simulator', msg: 'listening', url: simulator.url }
  console.log(JSON.stringify(line))
  const stop = () => simulator.stop().then(() => process.exit(0))
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}
