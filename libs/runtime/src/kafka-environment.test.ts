import type { Fault } from '@backhaul/domain'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { readConfig } from './environment.ts'
import { kafkaConfig } from './kafka-environment.ts'

const shape = z.object(kafkaConfig)
const good = { KAFKA_BROKERS: 'a:9092', SCHEMA_REGISTRY_URL: 'http://registry' }
const file = import.meta.filename

/** The faults of an environment, in order. */
function faultsOf(environment: Record<string, string>): unknown {
  try {
    readConfig(shape, { ...good, ...environment })
    return []
  } catch (error) {
    return (error as Fault).details.faults
  }
}

test.each([
  ['no security', {}],
  ['TLS of a known authority', { KAFKA_SSL: 'true' }],
  [
    'TLS of an authority and a client certificate of one own',
    { KAFKA_SSL: 'true', KAFKA_SSL_CA_FILE: file, KAFKA_SSL_CERT_FILE: file, KAFKA_SSL_KEY_FILE: file },
  ],
  ['a password', { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'u', KAFKA_SASL_PASSWORD: 'p' }],
  ['a token in a file', { KAFKA_SASL_MECHANISM: 'oauthbearer', KAFKA_OAUTH_TOKEN_FILE: file }],
  [
    'tokens of a server',
    {
      KAFKA_SASL_MECHANISM: 'oauthbearer',
      KAFKA_OAUTH_TOKEN_URL: 'https://tokens',
      KAFKA_OAUTH_CLIENT_ID: 'id',
      KAFKA_OAUTH_CLIENT_SECRET: 'secret',
    },
  ],
])('takes %s', (_, environment) => expect(faultsOf(environment)).toEqual([]))

test('a client certificate without its key, a file that is not there and files without TLS are told at once', () => {
  expect(faultsOf({ KAFKA_SSL_CA_FILE: '/nowhere/ca.pem', KAFKA_SSL_CERT_FILE: file })).toEqual([
    'KAFKA_SSL_CA_FILE: names no file that can be read',
    'KAFKA_SSL_CA_FILE has no effect: KAFKA_SSL is not true',
    'KAFKA_SSL_CERT_FILE has no effect: KAFKA_SSL is not true',
    'KAFKA_SSL_KEY_FILE is missing: the two go together',
  ])
})

test('a mechanism without what it needs is told with all that is missing', () => {
  expect(faultsOf({ KAFKA_SASL_MECHANISM: 'scram-sha-256' })).toEqual([
    'KAFKA_SASL_USERNAME is missing: KAFKA_SASL_MECHANISM is scram-sha-256',
    'KAFKA_SASL_PASSWORD is missing: KAFKA_SASL_MECHANISM is scram-sha-256',
  ])
  expect(faultsOf({ KAFKA_SASL_MECHANISM: 'oauthbearer', KAFKA_OAUTH_CLIENT_ID: 'id' })).toEqual([
    'KAFKA_OAUTH_TOKEN_URL is missing: oauthbearer needs these, or KAFKA_OAUTH_TOKEN_FILE',
    'KAFKA_OAUTH_CLIENT_SECRET is missing: oauthbearer needs these, or KAFKA_OAUTH_TOKEN_FILE',
  ])
})

test('a password that nothing uses is told', () => {
  expect(faultsOf({ KAFKA_SASL_PASSWORD: 'p' })).toEqual([
    'KAFKA_SASL_PASSWORD has no effect: KAFKA_SASL_MECHANISM is not set',
  ])
})

test('a session must outlast a transaction', () => {
  expect(faultsOf({ KAFKA_SESSION_TIMEOUT_MS: '10001' })).toEqual([])
  expect(faultsOf({ KAFKA_SESSION_TIMEOUT_MS: '10000' })).toEqual([
    expect.stringContaining('KAFKA_SESSION_TIMEOUT_MS: must be above 10000'),
  ])
})
