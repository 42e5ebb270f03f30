import { createHash } from 'node:crypto'
import { globSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { ARTIFACTS, fetchOnce, findJava, ROOT } from '@backhaul/local'

const SOURCE = join(ROOT, 'bench', 'peers', 'kafka-streams')

/**
 * Builds the Kafka Streams peer with Maven, once for each state of its source.
 *
 * @returns Java's class path of it.
 */
export async function buildKafkaStreamsPeer(): Promise<string> {
  const files = globSync('{pom.xml,src/**/*.java}', { cwd: SOURCE }).sort()
  const hash = createHash('sha256')
  for (const file of files) hash.update(file).update(readFileSync(join(SOURCE, file)))
  const folder = join(ARTIFACTS, `kafka-streams-peer-${hash.digest('hex').slice(0, 12)}`)
  const java = findJava()
  await fetchOnce(folder, (target) => [
    '-f',
    join(SOURCE, 'pom.xml'),
    'package',
    `-Dtarget=${target}`,
    // Maven may itself run on an older Java than the peer is written for.
    '-Dmaven.compiler.fork=true',
    `-Dmaven.compiler.executable=${java.replace(/java$/, 'javac')}`,
  ])
  return readdirSync(folder)
    .filter((file) => file.endsWith('.jar'))
    .map((file) => join(folder, file))
    .join(delimiter)
}
