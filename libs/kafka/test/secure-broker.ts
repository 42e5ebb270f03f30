import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { ARTIFACTS, Children, findJava, startKafka } from '@backhaul/local'

export const USER = 'backhaul'
export const PASSWORD = 'a password of the test'

const STORE_PASSWORD = 'a-store-of-the-test'

/** A broker with a TLS listener that asks who one is. */
export interface SecureBroker {
  readonly address: string
  /** Certificate of the authority that vouches for the broker: the broker's own. */
  readonly caFile: string
  stop(): Promise<void>
}

/** Starts a broker that takes PLAIN, SCRAM and unsigned OAUTHBEARER tokens over TLS. */
export async function startSecureBroker(): Promise<SecureBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'secure-broker-'))
  const { keyStore, caFile } = await makeKeys(folder)
  const port = await freePort()
  const children = new Children(folder)
  const module = (name: string) => `org.apache.kafka.common.security.${name}LoginModule required`
  const listener = 'listener.name.sasl_ssl'
  const broker = await startKafka({ folder, artifacts: ARTIFACTS, children, log: () => {} }, undefined, {
    port,
    format: ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
      '--add-scram',
      `${mechanism}=[name=${USER},password=${PASSWORD}]`,
    ]),
    properties: `sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER
${listener}.plain.sasl.jaas.config=${module('plain.Plain')} user_${USER}="${PASSWORD}";
${listener}.scram-sha-256.sasl.jaas.config=${module('scram.Scram')};
${listener}.scram-sha-512.sasl.jaas.config=${module('scram.Scram')};
${listener}.oauthbearer.sasl.jaas.config=${module('oauthbearer.OAuthBearer')} unsecuredLoginStringClaim_sub="broker";
${listener}.ssl.keystore.type=PKCS12
${listener}.ssl.keystore.location=${keyStore}
${listener}.ssl.keystore.password=${STORE_PASSWORD}
`,
  })
  return {
    address: `127.0.0.1:${port}`,
    caFile,
    async stop() {
      await broker.stop()
      await rm(folder, { recursive: true })
    },
  }
}

async function makeKeys(folder: string): Promise<{ keyStore: string; caFile: string }> {
  const keytool = join(dirname(findJava()), 'keytool')
  const keyStore = join(folder, 'broker.p12')
  const caFile = join(folder, 'ca.pem')
  const store = [
    '-alias',
    'broker',
    '-keystore',
    keyStore,
    '-storepass',
    STORE_PASSWORD,
    '-storetype',
    'PKCS12',
  ]
  const key = ['-genkeypair', '-keyalg', 'EC', '-dname', 'CN=broker', '-ext', 'SAN=IP:127.0.0.1']
  await promisify(execFile)(keytool, [...key, ...store])
  await promisify(execFile)(keytool, ['-exportcert', '-rfc', '-file', caFile, ...store])
  return { keyStore, caFile }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
