import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Kafka, logLevel } from '../src/internals.ts'
import { type KafkaSettings, toKafkaConfig } from '../src/settings.ts'
import { PASSWORD, type SecureBroker, startSecureBroker, USER } from './secure-broker.ts'

const IN_AN_HOUR_S = 3_600

let broker: SecureBroker
const tokens = createServer((_, response) => {
  response.end(JSON.stringify({ access_token: token(), expires_in: IN_AN_HOUR_S }))
})
let tokenUrl: string
let tokenFile: string

beforeAll(async () => {
  broker = await startSecureBroker()
  tokens.listen(0, '127.0.0.1')
  await once(tokens, 'listening')
  tokenUrl = `http://127.0.0.1:${(tokens.address() as AddressInfo).port}/token`
  tokenFile = join(dirname(broker.caFile), 'token')
  writeFileSync(tokenFile, token())
})

afterAll(async () => {
  tokens.closeAllConnections()
  tokens.close()
  await broker.stop()
})

/** An unsigned token, as the broker's default handler takes it. */
function token(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const now = Math.floor(Date.now() / 1_000)
  return `${part({ alg: 'none' })}.${part({ sub: USER, iat: now, exp: now + IN_AN_HOUR_S })}.`
}

/** Connects and asks something, without waiting out refusals. */
async function ask(given: Partial<KafkaSettings>): Promise<string[]> {
  const settings = { KAFKA_BROKERS: [broker.address], TOPIC_PREFIX: '', KAFKA_SSL: true, ...given }
  const config = { ...toKafkaConfig(settings, 'test'), retry: { retries: 0 }, logLevel: logLevel.NOTHING }
  const admin = new Kafka(config).admin()
  try {
    await admin.connect()
    return await admin.listTopics()
  } finally {
    await admin.disconnect()
  }
}

const login = { KAFKA_SASL_USERNAME: USER, KAFKA_SASL_PASSWORD: PASSWORD }

test.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
  '%s over TLS is let in with the right password alone',
  async (mechanism) => {
    const given = { ...login, KAFKA_SASL_MECHANISM: mechanism, KAFKA_SSL_CA_FILE: broker.caFile }
    expect(await ask(given)).toEqual([])
    await expect(ask({ ...given, KAFKA_SASL_PASSWORD: 'another' })).rejects.toThrow(/authentication failed/i)
  },
)

test('oauthbearer is let in with the token of a server, and with one in a file', async () => {
  const given = { KAFKA_SASL_MECHANISM: 'oauthbearer', KAFKA_SSL_CA_FILE: broker.caFile } as const
  const client = {
    KAFKA_OAUTH_TOKEN_URL: tokenUrl,
    KAFKA_OAUTH_CLIENT_ID: 'id',
    KAFKA_OAUTH_CLIENT_SECRET: 'secret',
  }
  expect(await ask({ ...given, ...client })).toEqual([])
  expect(await ask({ ...given, KAFKA_OAUTH_TOKEN_FILE: tokenFile })).toEqual([])
  writeFileSync(tokenFile, 'no token')
  await expect(ask({ ...given, KAFKA_OAUTH_TOKEN_FILE: tokenFile })).rejects.toThrow(/OAUTHBEARER/)
})

test('a broker whose authority we do not know is refused', async () => {
  await expect(ask({ ...login, KAFKA_SASL_MECHANISM: 'plain' })).rejects.toThrow(/self-signed certificate/)
})
