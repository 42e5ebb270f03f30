import { expect, test } from 'vitest'
import { z } from 'zod'
import { configServiceConfig, databaseConfig, readConfig } from './environment.ts'
import { kafkaConfig } from './kafka-environment.ts'

const shape = z.object({ ...kafkaConfig, ...databaseConfig, ...configServiceConfig })
const good = {
  KAFKA_BROKERS: 'a:9092, b:9092',
  SCHEMA_REGISTRY_URL: 'http://registry',
  DATABASE_URL: 'postgres://user:secret@host/db',
  CONFIG_SERVICE_URL: 'http://config',
  SERVICE_API_KEY: 'x'.repeat(16),
}

test('reads lists, flags and defaults', () => {
  const config = readConfig(shape, { ...good, KAFKA_SSL: 'yes' })
  expect(config).toMatchObject({
    KAFKA_BROKERS: ['a:9092', 'b:9092'],
    KAFKA_SSL: true,
    TOPIC_PREFIX: '',
    HTTP_PORT: 0,
  })
})

test('reports all faults at once, by the name of the variable', () => {
  expect(() =>
    readConfig(shape, { ...good, KAFKA_BROKERS: '', DATABASE_URL: 'nonsense', HTTP_PORT: '70000' }),
  ).toThrow(/3 fault\(s\).*KAFKA_BROKERS is missing.*DATABASE_URL: must be a URL.*HTTP_PORT:/)
})

test('a fault never repeats the value, which may be a secret', () => {
  try {
    readConfig(shape, { ...good, SERVICE_API_KEY: 'short-secret' })
    expect.unreachable()
  } catch (error) {
    expect(JSON.stringify([String(error), error])).not.toContain('short-secret')
  }
})
