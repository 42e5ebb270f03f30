import { randomBytes } from 'node:crypto'
import { prepareTopics } from '@backhaul/local'
import pg from 'pg'
import { inject } from 'vitest'
import type { Stack } from './stack-setup.ts'

/** The servers that this run's global set-up started. */
export const stack = (): Stack => inject('stack')

/** A name that no other test uses. */
export const freshName = (): string => `test_${randomBytes(5).toString('hex')}`

/** A database of one's own. Only databases with a test name are ever dropped. */
export async function freshDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = freshName()
  const admin = stack().postgres
  const run = async (sql: string) => {
    const client = new pg.Client({ connectionString: admin })
    await client.connect()
    await client.query(sql).finally(() => client.end())
  }
  await run(`CREATE DATABASE ${name}`)
  const url = new URL(admin)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => run(`DROP DATABASE ${name} WITH (FORCE)`) }
}

/** A ClickHouse database of one's own. */
export async function freshClickHouse(): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = freshName()
  const url = new URL(stack().clickhouse)
  url.pathname = '/'
  const run = async (sql: string) => {
    const answer = await fetch(url, { method: 'POST', body: sql })
    if (!answer.ok) throw new Error(await answer.text())
  }
  await run(`CREATE DATABASE ${name}`)
  const own = new URL(url)
  own.pathname = `/${name}`
  return { url: own.href, drop: () => run(`DROP DATABASE ${name}`) }
}

/** Topics and schemas of one's own: the flow's, under a fresh prefix. */
export async function freshTopics(): Promise<{ prefix: string; environment: Record<string, string> }> {
  const prefix = `${freshName()}-`
  const { kafka, registry } = stack()
  await prepareTopics({ KAFKA_BROKERS: kafka.split(','), TOPIC_PREFIX: prefix }, registry)
  return {
    prefix,
    environment: { KAFKA_BROKERS: kafka, SCHEMA_REGISTRY_URL: registry, TOPIC_PREFIX: prefix },
  }
}
