import { Fault } from '@backhaul/domain'
import { newestOf, type RecordName, versionsOf } from '@backhaul/schemas'
// The narrow entry: the package's face loads the key management clients of three clouds (see docs/decisions).
import {
  Compatibility,
  SchemaRegistryClient,
} from '@confluentinc/schemaregistry/dist/schemaregistry-client.js'

const NOT_FOUND = 404

/** The schema registry, over its Confluent-compatible API. Subject = physical topic name + `-value`. */
export class Registry {
  readonly #client: SchemaRegistryClient
  readonly #url: string

  /** @param url Base URL; `user:password@` in it is used for basic authentication. */
  constructor(url: string) {
    const { username, password } = new URL(url)
    const base = url.replace(/\/\/[^@/]*@/, '//').replace(/\/$/, '')
    this.#url = base
    this.#client = new SchemaRegistryClient({
      baseURLs: [base],
      maxRetries: 0,
      ...(username && {
        basicAuthCredentials: {
          credentialsSource: 'USER_INFO',
          userInfo: `${decodeURIComponent(username)}:${decodeURIComponent(password)}`,
        },
      }),
    } as ConstructorParameters<typeof SchemaRegistryClient>[0])
  }

  /** Registers all versions of a record for a topic, oldest first. A deploy step: services only look up. */
  async register(physicalTopic: string, record: RecordName): Promise<void> {
    const subject = `${physicalTopic}-value`
    await this.#answer(() => this.#client.updateCompatibility(subject, Compatibility.FULL_TRANSITIVE))
    for (const schema of versionsOf(record)) {
      await this.#answer(() =>
        this.#client.register(subject, { schema: JSON.stringify(schema), schemaType: 'AVRO' }),
      )
    }
  }

  /** @throws Fault `SCHEMA_NOT_REGISTERED` when the deploy step has not run for this version. */
  async idOfNewest(physicalTopic: string, record: RecordName): Promise<number> {
    const schema = { schema: JSON.stringify(newestOf(record)), schemaType: 'AVRO' }
    const id = await this.#answer(() => this.#client.getId(`${physicalTopic}-value`, schema))
    if (id !== null) return id
    throw new Fault(
      'SCHEMA_NOT_REGISTERED',
      `The newest ${record} is not registered for ${physicalTopic}: register the schemas before starting services`,
    )
  }

  /** The schema that an id names; null when the registry does not know it. */
  async schemaOf(id: number): Promise<object | null> {
    const info = await this.#answer(() => this.#client.getBySubjectAndId('', id))
    return info && (JSON.parse(info.schema) as object)
  }

  async #answer<T>(call: () => Promise<T>): Promise<T | null> {
    try {
      return await call()
    } catch (error) {
      const { status, message } = error as { status?: number; message: string }
      if (status === NOT_FOUND) return null
      // The client's own error holds its request, password and all.
      const cause = new Error(message)
      if (status && status >= 400 && status < 500) {
        throw new Fault('SCHEMA_REFUSED', `The schema registry refused (${status}): ${message}`, { cause })
      }
      throw new Fault('REGISTRY_UNAVAILABLE', `The schema registry at ${this.#url} does not answer`, {
        retryable: true,
        cause,
      })
    }
  }
}
