import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AwsClient } from 'aws4fetch'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openArchive } from './archive.ts'

const ARCHIVE_KEYS = `k:${randomBytes(32).toString('base64')}`
const SECRET = 'secret-of-a-test'
const objects = new Map<string, Buffer>()
let folder: string
let down = false

/** A store that speaks S3 as far as the archive does, and checks signatures. */
const s3 = createServer(async (request, response) => {
  const body = Buffer.concat(await Array.fromAsync(request))
  if (down) return void response.writeHead(503).end()
  const client = new AwsClient({ accessKeyId: 'id', secretAccessKey: SECRET, service: 's3', region: 'eu-1' })
  const header = (name: string) => String(request.headers[name] ?? '')
  const signed = await client.sign(`http://${header('host')}${request.url}`, {
    method: request.method as string,
    headers: { 'x-amz-content-sha256': header('x-amz-content-sha256'), 'x-amz-date': header('x-amz-date') },
    aws: { datetime: header('x-amz-date') },
  })
  if (signed.headers.get('authorization') !== header('authorization'))
    return void response.writeHead(403).end()
  if (request.method === 'PUT') {
    objects.set(request.url ?? '', body)
    return void response.end()
  }
  const object = objects.get(request.url ?? '')
  response.writeHead(object ? 200 : 404).end(object)
})

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backhaul-archive-'))
  await new Promise<void>((resolve) => s3.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
  s3.close()
})

const archives = {
  'a folder': () => openArchive({ ARCHIVE_DIR: folder, ARCHIVE_KEYS }),
  S3: (secret = SECRET) =>
    openArchive({
      ARCHIVE_DIR: `s3://bucket/returns?endpoint=http://127.0.0.1:${(s3.address() as AddressInfo).port}&region=eu-1`,
      ARCHIVE_KEYS,
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: secret,
    }),
}
async function* text(...pieces: string[]) {
  yield* pieces
}
const read = async (archive: ReturnType<typeof openArchive>, sha256: string) =>
  Buffer.concat(await Array.fromAsync(archive.read(sha256))).toString()

test.each(['a folder', 'S3'] as const)(
  'a document in %s comes back by its SHA-256, and is stored encrypted',
  async (where) => {
    const archive = archives[where]()
    const document = 'Grüße, canary\n'.repeat(50_000)
    const stored = await archive.store(text(document.slice(0, 10), document.slice(10)))
    expect(stored).toMatchObject({
      bytes: Buffer.byteLength(document),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(await read(archive, stored.sha256)).toBe(document)
    const kept =
      where === 'S3'
        ? [...objects.values()]
        : await Promise.all(
            (await readdir(folder, { recursive: true }))
              .filter((file) => file.endsWith('.sealed'))
              .map((file) => readFile(join(folder, file))),
          )
    expect(kept).toHaveLength(1)
    expect(kept[0]?.includes('canary')).toBe(false)
    await expect(read(archive, '0'.repeat(64))).rejects.toMatchObject({ code: 'DOCUMENT_MISSING' })
    const failing = async function* () {
      yield 'half'
      throw new Error('broken off')
    }
    await expect(archive.store(failing())).rejects.toThrow('broken off')
    expect((await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.partial'))).toEqual(
      [],
    )
  },
)

test('a store that is down or refuses is waited for', async () => {
  down = true
  await expect(archives.S3().store(text('x'))).rejects.toMatchObject({
    code: 'ARCHIVE_UNAVAILABLE',
    retryable: true,
  })
  down = false
  await expect(archives.S3('wrong').store(text('x'))).rejects.toMatchObject({ code: 'ARCHIVE_UNAVAILABLE' })
})

test('a setting without credentials or with a wrong key is refused at the start', () => {
  expect(() => openArchive({ ARCHIVE_DIR: 's3://bucket', ARCHIVE_KEYS })).toThrow('AWS_ACCESS_KEY_ID')
  expect(() => openArchive({ ARCHIVE_DIR: folder, ARCHIVE_KEYS: 'k:short' })).toThrow('ARCHIVE_KEYS')
})
