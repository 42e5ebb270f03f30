import { createReadStream } from 'node:fs'
import { mkdir, rename, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Fault } from '@backhaul/domain'
import { AwsClient } from 'aws4fetch'
import { request } from 'undici'

/** Where sealed documents are kept. */
export interface ArchiveStore {
  /** Stores a finished file under a name, all or nothing; the file may be taken away. */
  put(name: string, file: string): Promise<void>
  /** Null when there is none of that name. */
  get(name: string): Promise<AsyncIterable<Uint8Array> | null>
}

/** The store of a setting: a folder, or `s3://bucket/prefix?endpoint=https://…&region=…`. */
export function archiveStore(
  setting: string,
  credentials: { accessKeyId?: string | undefined; secretAccessKey?: string | undefined },
): ArchiveStore {
  return setting.startsWith('s3://') ? new S3Store(new URL(setting), credentials) : new FolderStore(setting)
}

class FolderStore implements ArchiveStore {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  async put(name: string, file: string): Promise<void> {
    const path = join(this.#folder, name)
    await mkdir(dirname(path), { recursive: true })
    await rename(file, path)
  }

  async get(name: string): Promise<AsyncIterable<Uint8Array> | null> {
    const path = join(this.#folder, name)
    try {
      await stat(path)
    } catch (error) {
      if ((error as { code?: string }).code === 'ENOENT') return null
      throw error
    }
    return createReadStream(path)
  }
}

const TIMEOUT_MS = 60_000

/**
 * Any store that speaks S3, by path-style addresses. Signed by aws4fetch: 3 KB without dependencies, where the SDK of AWS
 * brings some eighty packages for the two calls that are made.
 */
class S3Store implements ArchiveStore {
  readonly #base: string
  readonly #client: AwsClient

  constructor(
    url: URL,
    {
      accessKeyId,
      secretAccessKey,
    }: { accessKeyId?: string | undefined; secretAccessKey?: string | undefined },
  ) {
    if (!accessKeyId || !secretAccessKey)
      throw new Fault(
        'ARCHIVE_KEY_INVALID',
        'An S3 archive needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
      )
    const region = url.searchParams.get('region') ?? 'us-east-1'
    const endpoint = url.searchParams.get('endpoint') ?? `https://s3.${region}.amazonaws.com`
    const path = `${url.hostname}${url.pathname}`.replace(/\/+$/, '')
    this.#base = `${endpoint.replace(/\/+$/, '')}/${path}`
    this.#client = new AwsClient({ accessKeyId, secretAccessKey, service: 's3', region })
  }

  async put(name: string, file: string): Promise<void> {
    const { size } = await stat(file)
    const headers = await this.#signed('PUT', name)
    const { statusCode, body } = await this.#ask(name, {
      method: 'PUT',
      headers: { ...headers, 'content-length': String(size) },
      body: createReadStream(file),
    })
    await body.dump()
    if (statusCode >= 300) throw unavailable(`it answered ${statusCode}`)
  }

  async get(name: string): Promise<AsyncIterable<Uint8Array> | null> {
    const headers = await this.#signed('GET', name)
    const { statusCode, body } = await this.#ask(name, { method: 'GET', headers })
    if (statusCode === 200) return whole(body)
    await body.dump()
    if (statusCode === 404) return null
    throw unavailable(`it answered ${statusCode}`)
  }

  async #signed(method: string, name: string): Promise<Record<string, string>> {
    const signed = await this.#client.sign(`${this.#base}/${name}`, {
      method,
      // The seal of each chunk tells a damaged body.
      headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
    })
    return Object.fromEntries(signed.headers)
  }

  async #ask(name: string, options: Parameters<typeof request>[1]) {
    try {
      return await request(`${this.#base}/${name}`, { ...options, headersTimeout: TIMEOUT_MS })
    } catch (cause) {
      throw unavailable('it does not answer', cause)
    }
  }
}

async function* whole(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body
  } catch (cause) {
    throw unavailable('the connection broke off', cause)
  }
}

const unavailable = (why: string, cause?: unknown) =>
  new Fault('ARCHIVE_UNAVAILABLE', `The archive cannot be used now: ${why}`, { retryable: true, cause })
