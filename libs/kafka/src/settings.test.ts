import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { toKafkaConfig } from './settings.ts'

const given = { KAFKA_BROKERS: ['a:9092'], TOPIC_PREFIX: '' }
const file = import.meta.filename

test('files of TLS reach the connection as their contents', () => {
  const contents = readFileSync(file)
  const names = { KAFKA_SSL_CA_FILE: file, KAFKA_SSL_CERT_FILE: file, KAFKA_SSL_KEY_FILE: file }
  expect(toKafkaConfig({ ...given, KAFKA_SSL: true, ...names }, 'test').ssl).toEqual({
    ca: contents,
    cert: contents,
    key: contents,
  })
})

test('TLS and SASL are off unless set', () => {
  const config = toKafkaConfig(given, 'test')
  expect(config.ssl).toBe(false)
  expect(config).not.toHaveProperty('sasl')
})
