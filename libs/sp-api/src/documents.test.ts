import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import { createGzip, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AwkwardServer, awkwardServer, outcomeOf } from '../test/awkward-server.ts'
import {
  type Download,
  type DownloadOptions,
  downloadDocument,
  SpApiError,
  uploadDocument,
  withFreshAddress,
} from './index.ts'

const MIB = 1024 ** 2
const TEXT = 'Order ID\tOrder date\n303-1\t14-Jul-2026\n'.repeat(500)
const PLAIN = Buffer.from(TEXT)
const GZIP = gzipSync(PLAIN)
const EXPIRED =
  '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>'
const CANARY = 'X-Amz-Signature=canary-of-a-signature'

let store: AwkwardServer
beforeAll(async () => {
  store = await awkwardServer()
})
afterAll(() => store.stop())

const address = () => `${store.url}/document?${CANARY}`
const text = async ({ body }: Download) => Buffer.concat(await Array.fromAsync(body)).toString()
const read = (options: DownloadOptions = {}) =>
  downloadDocument(address(), text, { amazonUrl: store.url, ...options })
const send = (response: ServerResponse, body: Uint8Array, headers: Record<string, string> = {}) =>
  response.writeHead(200, { 'content-length': body.length, ...headers }).end(body)

describe('C9: a document is unpacked by what it holds, whatever was said of it', () => {
  test.each([
    ['plain', PLAIN, {}],
    ['packed', GZIP, {}],
    ['packed, and named so', GZIP, { 'content-encoding': 'gzip' }],
    ['plain, and named packed', PLAIN, { 'content-encoding': 'gzip' }],
    ['packed for storage and again for transport', gzipSync(GZIP), { 'content-encoding': 'gzip' }],
    [
      'packed in two pieces',
      Buffer.concat([gzipSync(PLAIN.subarray(0, 99)), gzipSync(PLAIN.subarray(99))]),
      {},
    ],
  ])('%s', async (_, body, headers) => {
    store.answers((_request, response) => send(response, body, headers))
    expect(await read()).toBe(TEXT)
  })

  test('byte by byte', async () => {
    store.answers(async (_, response) => {
      for (const byte of GZIP) response.write(Buffer.of(byte))
      response.end()
    })
    expect(await read()).toBe(TEXT)
  })

  test('nothing, and a single byte', async () => {
    for (const short of [Buffer.alloc(0), Buffer.of(0x1f)]) {
      store.answers((_, response) => send(response, short))
      expect(await read()).toBe(short.toString())
    }
  })

  test.each([
    ['text/plain; charset=Cp1252', 'Cp1252'],
    ['text/xml;charset="utf-8"', 'utf-8'],
    ['text/plain', null],
  ])('the charset of %s', async (contentType, charset) => {
    store.answers((_, response) => send(response, PLAIN, { 'content-type': contentType }))
    const named = async (download: Download) => {
      await text(download)
      return download.charset
    }
    expect(await downloadDocument(address(), named, { amazonUrl: store.url })).toBe(charset)
  })
})

describe('a document that did not come whole is never taken for whole', () => {
  const cut = (headers: object, body: Uint8Array) =>
    store.answers((request, response) => {
      response.writeHead(200, headers as never)
      response.write(body)
      setTimeout(() => request.socket.destroy(), 20)
    })

  test('cut before the length that was named, or inside of chunks', async () => {
    cut({ 'content-length': PLAIN.length }, PLAIN.subarray(0, 5_000))
    expect(await outcomeOf(read())).toBe('DOCUMENT_NETWORK')
    cut({}, PLAIN.subarray(0, 5_000))
    expect(await outcomeOf(read())).toBe('DOCUMENT_NETWORK')
  })

  test('cut where neither length nor chunks tell: the end of the gzip does', async () => {
    store.answers((request, response) => {
      response.useChunkedEncodingByDefault = false
      response.shouldKeepAlive = false
      response.writeHead(200)
      response.end(GZIP.subarray(0, GZIP.length - 5))
      request.socket.end()
    })
    expect(await outcomeOf(read())).toBe('DOCUMENT_NETWORK')
  })

  test.each([
    ['cut', GZIP.subarray(0, GZIP.length - 5)],
    ['with a wrong checksum', Buffer.concat([GZIP.subarray(0, -8), Buffer.alloc(8)])],
    ['broken inside', Buffer.concat([GZIP.subarray(0, 40), Buffer.alloc(GZIP.length - 40, 0xff)])],
    ['of a head alone', Buffer.from('1f8b', 'hex')],
  ])('a gzip that is stored %s is damaged, and no other try mends it', async (_, body) => {
    store.answers((_request, response) => send(response, body))
    await expect(read()).rejects.toMatchObject({ code: 'DOCUMENT_DAMAGED', retryable: false })
  })
})

describe('limits', () => {
  test('bytes on the wire, by the length that is named and by what comes', async () => {
    store.answers((_, response) => send(response, PLAIN))
    expect(await outcomeOf(read({ mostBytes: PLAIN.length }))).toBe('done')
    expect(await outcomeOf(read({ mostBytes: PLAIN.length - 1 }))).toBe('DOCUMENT_TOO_LARGE')
    store.answers((_, response) => {
      response.write(PLAIN)
      response.end()
    })
    expect(await outcomeOf(read({ mostBytes: PLAIN.length - 1 }))).toBe('DOCUMENT_TOO_LARGE')
  })

  test('bytes once unpacked', async () => {
    store.answers((_, response) => send(response, GZIP))
    expect(await outcomeOf(read({ mostUnpackedBytes: PLAIN.length }))).toBe('done')
    expect(await outcomeOf(read({ mostUnpackedBytes: PLAIN.length - 1 }))).toBe('DOCUMENT_TOO_LARGE')
  })

  test('C9: a gigabyte of nothing in a megabyte is refused early, in little memory, also when it is packed twice', async () => {
    const bomb = await packed(1024)
    for (const body of [bomb, gzipSync(bomb)]) {
      store.answers((_, response) => send(response, body))
      const before = process.memoryUsage().rss
      let bytes = 0
      const count = async ({ body }: Download) => {
        for await (const chunk of body) bytes += chunk.length
      }
      const reading = downloadDocument(address(), count, { amazonUrl: store.url })
      expect(await outcomeOf(reading)).toBe('DOCUMENT_BOMB')
      expect(bytes).toBeLessThan(128 * MIB)
      expect(process.memoryUsage().rss - before).toBeLessThan(200 * MIB)
    }
  })

  test('a real report packs well, and passes', async () => {
    const row = '303-1234567-1234567\t14-Jul-2026\tApproved\t \t \tKaffeemühle, groß\t1\n'
    const report = Array.from({ length: 400_000 }, (_, n) =>
      row.replace('1234567', String(n).padStart(7, '0')),
    ).join('')
    expect(report.length).toBeGreaterThan(20 * MIB)
    store.answers((_, response) => send(response, gzipSync(report)))
    expect((await read()).length).toBe(report.length)
  })

  test('time, also where bytes come all along', async () => {
    store.answers(async (_, response) => {
      while (!response.destroyed) {
        response.write('x')
        await sleep(10)
      }
    })
    expect(await outcomeOf(read({ deadlineMs: 200 }))).toBe('DOCUMENT_DEADLINE')
    store.answers(() => {})
    expect(await outcomeOf(read({ deadlineMs: 200 }))).toBe('DOCUMENT_DEADLINE')
  })

  test('a reading that is aborted ends on the wire too', async () => {
    const stop = new AbortController()
    const closed = Promise.withResolvers<void>()
    store.answers((request, response) => {
      request.socket.once('close', () => closed.resolve())
      response.write('x')
      setTimeout(() => stop.abort(new Error('stopping')), 20)
    })
    await expect(read({ signal: stop.signal })).rejects.toThrow('stopping')
    await closed.promise
  })

  test('a reader that fails ends the reading on the wire too', async () => {
    const closed = Promise.withResolvers<void>()
    store.answers((request, response) => {
      request.socket.once('close', () => closed.resolve())
      response.write(PLAIN)
    })
    const full = async ({ body }: Download) => {
      for await (const _ of body) throw new Error('disk full')
    }
    await expect(downloadDocument(address(), full, { amazonUrl: store.url })).rejects.toThrow('disk full')
    await closed.promise
  })
})

test.each([
  [403, 'DOCUMENT_ADDRESS_EXPIRED'],
  [302, 'DOCUMENT_ADDRESS_REFUSED'],
  [404, 'DOCUMENT_STORE_FAILED'],
  [503, 'DOCUMENT_STORE_FAILED'],
  [206, 'DOCUMENT_STORE_FAILED'],
])('an answer %d is %s; redirects are not followed', async (status, code) => {
  store.answers((_, response) => {
    response.writeHead(status, { location: `${store.url}/elsewhere` })
    response.end(EXPIRED)
  })
  expect(await outcomeOf(read())).toBe(code)
  expect(store.received).toHaveLength(1)
})

describe('a fresh address for each try', () => {
  test('an expired address and a broken reading are mended by another one, from the start', async () => {
    const asked: string[] = []
    store.answers((request, response) => {
      if (request.url?.startsWith('/1')) return response.writeHead(403).end(EXPIRED)
      if (request.url?.startsWith('/3')) return send(response, GZIP)
      response.writeHead(200, { 'content-length': GZIP.length })
      response.write(GZIP.subarray(0, 50))
      return setTimeout(() => request.socket.destroy(), 10)
    })
    const fresh = async () => {
      asked.push(`${store.url}/${asked.length + 1}`)
      return asked.at(-1) as string
    }
    const tried = (given: string) => downloadDocument(given, text, { amazonUrl: store.url })
    expect(await withFreshAddress(fresh, tried)).toBe(TEXT)
    expect(asked).toHaveLength(3)
  })

  test('gives up after some tries, at once where no other try helps, and when it is stopped', async () => {
    const failing = (code: 'DOCUMENT_NETWORK' | 'DOCUMENT_DAMAGED', signal?: AbortSignal) => {
      let tries = 0
      const work = async () => {
        tries += 1
        throw new SpApiError(code, 'told')
      }
      return outcomeOf(withFreshAddress(async () => 'x', work, { tries: 3, signal })).then((code) => [
        code,
        tries,
      ])
    }
    expect(await failing('DOCUMENT_NETWORK')).toEqual(['DOCUMENT_NETWORK', 3])
    expect(await failing('DOCUMENT_DAMAGED')).toEqual(['DOCUMENT_DAMAGED', 1])
    expect(await failing('DOCUMENT_NETWORK', AbortSignal.abort(new Error('stopping')))).toEqual(['Error', 1])
  })
})

describe('an upload', () => {
  const upload = (content: () => AsyncIterable<Uint8Array>, bytes: number, options = {}) =>
    uploadDocument(
      address(),
      { content, bytes, contentType: 'text/xml; charset=UTF-8' },
      {
        amazonUrl: store.url,
        ...options,
      },
    )
  async function* pieces() {
    for (let at = 0; at < PLAIN.length; at += 1_000) yield PLAIN.subarray(at, at + 1_000)
  }

  test('streams with its length and content type', async () => {
    let received = Buffer.alloc(0)
    store.answers(async (request, response) => {
      received = Buffer.concat(await Array.fromAsync(request))
      response.end()
    })
    await upload(pieces, PLAIN.length)
    expect(received.equals(PLAIN)).toBe(true)
    expect(store.received[0]?.headers).toMatchObject({
      'content-type': 'text/xml; charset=UTF-8',
      'content-length': String(PLAIN.length),
    })
    expect(store.received[0]?.headers['transfer-encoding']).toBeUndefined()
  })

  test('is refused, cut and timed as a download is', async () => {
    expect(await outcomeOf(upload(pieces, PLAIN.length, { mostBytes: 10 }))).toBe('DOCUMENT_TOO_LARGE')
    store.answers((request, response) => {
      request.resume()
      response.writeHead(403).end(EXPIRED)
    })
    expect(await outcomeOf(upload(pieces, PLAIN.length))).toBe('DOCUMENT_ADDRESS_EXPIRED')
    store.answers((request) => request.socket.destroy())
    expect(await outcomeOf(upload(pieces, PLAIN.length))).toBe('DOCUMENT_NETWORK')
    store.answers(() => {})
    expect(await outcomeOf(upload(pieces, PLAIN.length, { deadlineMs: 100 }))).toBe('DOCUMENT_DEADLINE')
  })

  test("of content that cannot be read fails by the content's own error", async () => {
    store.answers((request) => request.resume())
    async function* broken() {
      yield PLAIN.subarray(0, 10)
      throw new Error('disk gone')
    }
    await expect(upload(broken, PLAIN.length)).rejects.toThrow('disk gone')
  })

  test('goes to Amazon only', async () => {
    const upload = { content: pieces, bytes: PLAIN.length, contentType: 'text/xml' }
    expect(await outcomeOf(uploadDocument('https://example.com/x', upload))).toBe('DOCUMENT_ADDRESS_REFUSED')
  })
})

test('signatures of addresses are in no error', async () => {
  const errors: unknown[] = []
  const failed = async (given: string, amazonUrl = store.url) =>
    errors.push(await downloadDocument(given, text, { amazonUrl, deadlineMs: 200 }).catch((error) => error))
  for (const status of [302, 403, 500]) {
    store.answers((_, response) => response.writeHead(status).end(`${EXPIRED}${CANARY}`))
    await failed(address())
  }
  store.answers((request) => request.socket.destroy())
  await failed(address())
  store.answers(() => {})
  await failed(address())
  await failed(`https://evil.example/${CANARY}?${CANARY}`)
  await failed(`http://127.0.0.1:1/x?${CANARY}`, 'http://127.0.0.1:1')
  await failed(`no address ${CANARY}`)
  expect(errors).toHaveLength(8)
  expect(errors.every((error) => error instanceof SpApiError)).toBe(true)
  const told = errors
    .map((error) => inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error))
    .join('\n')
  expect(told).not.toContain('canary')
})

/** So many mebibytes of zeros, packed. */
async function packed(mebibytes: number): Promise<Buffer> {
  const gzip = createGzip()
  const chunks: Buffer[] = []
  gzip.on('data', (chunk) => chunks.push(chunk))
  const zeros = Buffer.alloc(MIB)
  for (let n = 0; n < mebibytes; n++) {
    if (!gzip.write(zeros)) await once(gzip, 'drain')
  }
  gzip.end()
  await once(gzip, 'end')
  return Buffer.concat(chunks)
}
