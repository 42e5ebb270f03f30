// Runs on the machine's own Node (20 or newer): installs what is missing, then hands over to Node 24 from node_modules.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const stamp = `${root}node_modules/.installed`
const node = `${root}node_modules/node/bin/node`
const commands = ['start', 'test', 'reset', 'bench', 'faults']
const [command, ...rest] = process.argv.slice(2)

if (!commands.includes(command)) fail(`Say one of: ${commands.join(', ')}`)
install()
const child = spawn(node, [`${root}infra/local/src/commands/${command}.ts`, ...rest], {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...process.env,
    PATH: `${root}node_modules/.bin:${process.env.PATH}`,
    TURBO_TELEMETRY_DISABLED: '1',
  },
})
// Ctrl-C reaches the child by the terminal; other signals are passed on. This process ends when the child has.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))

/** Runs `npm ci` where the lockfile is not the one that was installed. */
function install() {
  const lock = createHash('sha256')
    .update(readFileSync(`${root}package-lock.json`))
    .digest('hex')
  if (existsSync(node) && existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  console.log('Installing packages (once, about half a minute) …')
  const { status, error } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
  })
  if (error) fail('npm is missing: install Node 20 or newer with npm 11')
  if (status !== 0) fail('npm could not install the packages; what it said stands above')
  if (!existsSync(node))
    fail('Node 24 was not installed: npm must run the install scripts listed in allowScripts (npm 11 does)')
  writeFileSync(stamp, lock)
}

function fail(message) {
  console.error(message)
  process.exit(1)
}
