import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { stopChild } from '../children.ts'
import { filledOnce } from '../filled-once.ts'
import { findJava } from '../java.ts'
import { fetchOnce } from '../maven.ts'
import { freePort } from '../ports.ts'
import { answers, until } from '../ready.ts'
import { follow, type PartContext, type RunningPart } from './part.ts'

const ARTIFACT = 'io.apicurio:apicurio-registry-app:3.3.3:tar.gz:all'
const PREFERRED_PORT = 8081

/** Apicurio Registry, spoken to by its Confluent-compatible API. */
export async function startRegistry({ folder, artifacts, children, log }: PartContext): Promise<RunningPart> {
  const java = findJava()
  const archive = join(artifacts, 'registry')
  await fetchOnce(archive, (target) => [
    'dependency:copy',
    `-Dartifact=${ARTIFACT}`,
    `-DoutputDirectory=${target}`,
  ])
  const app = join(artifacts, 'registry-app')
  await filledOnce(app, async (target) => {
    const file = readdirSync(archive).find((name) => name.endsWith('.tar.gz')) as string
    await promisify(execFile)('tar', ['xzf', join(archive, file), '-C', target])
  })
  const home = join(folder, 'registry')
  await mkdir(home, { recursive: true })
  const [port, managementPort] = [await freePort(PREFERRED_PORT), await freePort(0)]
  const child = children.spawn(
    'registry',
    java,
    ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-jar', 'quarkus-run.jar'],
    {
      cwd: app,
      env: {
        ...process.env,
        QUARKUS_HTTP_HOST: '127.0.0.1',
        QUARKUS_HTTP_PORT: String(port),
        QUARKUS_MANAGEMENT_HOST: '127.0.0.1',
        QUARKUS_MANAGEMENT_PORT: String(managementPort),
        QUARKUS_LOG_LEVEL: 'WARN',
        QUARKUS_BANNER_ENABLED: 'false',
        APICURIO_STORAGE_KIND: 'sql',
        APICURIO_STORAGE_SQL_KIND: 'h2',
        APICURIO_DATASOURCE_URL: `jdbc:h2:file:${join(home, 'registry')};DB_CLOSE_ON_EXIT=FALSE`,
        APICURIO_DATASOURCE_USERNAME: 'sa',
        APICURIO_DATASOURCE_PASSWORD: 'sa',
      },
    },
  )
  const lastLines = follow('registry', child, log)
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`
  const ended = () => (child.exitCode === null ? null : lastLines())
  await until('The schema registry', () => answers(`${url}/subjects`), { ended })
  await fetch(`${url}/config`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ compatibility: 'FULL_TRANSITIVE' }),
  })
  return { url, pid: child.pid ?? null, stop: () => stopChild(child) }
}
