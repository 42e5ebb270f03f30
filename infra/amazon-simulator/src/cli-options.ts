import { parseArgs } from 'node:util'

export const HELP = `Plays Amazon's Selling Partner API: Login with Amazon, Sellers, Reports 2021-06-30, report documents.

  amazon-simulator [--scenario file.yaml] [--port 7010]

  --scenario FILE      how Amazon is to behave; examples are in infra/amazon-simulator/scenarios
  --port N             port to listen on; 0 takes any free one     HTTP_PORT      default 7010
  --host ADDRESS       address to listen on                        HTTP_HOST      default 127.0.0.1
  --public-url URL     base of document addresses                  PUBLIC_URL     default: where it listens
  --seed N             other sellers' data                         SEED           default 1
  --quota-factor N     multiplies the published quotas             QUOTA_FACTOR   default 1
  --state-file FILE    keeps the demo's days over a restart        STATE_FILE     default none
  --schema             prints the JSON Schema of scenario files, for editors, and ends
  --check              reads the scenario, says what is wrong with it, and ends
  --help

A variable gives the default of its option. Everything that can be seen or changed while it runs is under /_control,
described at /openapi.json.
`

const DEFAULT_PORT = 7010

/** What the command line and the environment say. */
export interface CliOptions {
  readonly help: boolean
  readonly check: boolean
  readonly schema: boolean
  readonly scenario: string | undefined
  readonly port: number
  readonly host: string | undefined
  readonly publicUrl: string | undefined
  readonly seed: number
  readonly quotaFactor: number
  readonly stateFile: string | undefined
}

/** Reads arguments, then variables. @throws Error that names a wrong argument. */
export function cliOptions(args: readonly string[], environment: NodeJS.ProcessEnv): CliOptions {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const { values } = parseArgs({
    args: [...args],
    options: {
      scenario: text,
      port: text,
      host: text,
      'public-url': text,
      seed: text,
      'quota-factor': text,
      'state-file': text,
      check: flag,
      schema: flag,
      help: flag,
    },
  })
  const number = (name: string, given: string | undefined, otherwise: number) => {
    const value = given === undefined || given === '' ? otherwise : Number(given)
    if (!(value >= 0)) throw new Error(`${name} must be a number, not "${given}"`)
    return value
  }
  return {
    help: values.help,
    check: values.check,
    schema: values.schema,
    scenario: values.scenario,
    port: number('--port', values.port ?? environment.HTTP_PORT, DEFAULT_PORT),
    host: values.host ?? environment.HTTP_HOST,
    publicUrl: values['public-url'] ?? environment.PUBLIC_URL,
    seed: number('--seed', values.seed ?? environment.SEED, 1),
    quotaFactor: number('--quota-factor', values['quota-factor'] ?? environment.QUOTA_FACTOR, 1),
    stateFile: values['state-file'] ?? environment.STATE_FILE,
  }
}
