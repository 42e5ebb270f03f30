import { createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import zlib from 'node:zlib'
import { type Engine, EngineError } from './engine.ts'
import { insertFromFile, readStatement } from './statement.ts'

/** Longest statement; rows of an insert have no limit, they go through a file. */
const STATEMENT_BYTES = 16 * 1024 * 1024

const HTTP_STATUS: Readonly<Record<number, number>> = {
  62: 400,
  60: 404,
  81: 404,
  516: 403,
  497: 403,
  159: 408,
}

const decoders: Readonly<Record<string, () => zlib.Gunzip | zlib.BrotliDecompress>> = {
  gzip: zlib.createGunzip,
  deflate: zlib.createInflate,
  br: zlib.createBrotliDecompress,
  zstd: zlib.createZstdDecompress,
}

const encoders: Readonly<Record<string, (bytes: Uint8Array) => Buffer>> = {
  gzip: zlib.gzipSync,
  deflate: zlib.deflateSync,
  br: zlib.brotliCompressSync,
  zstd: zlib.zstdCompressSync,
}

/**
 * ClickHouse's HTTP interface in front of the embedded engine, so that every client speaks to it as to a real server.
 * Rows of an insert are streamed to a file in `uploads` and read from there; results are held whole.
 */
export async function serveClickHouse(engine: Engine, uploads: string): Promise<Server> {
  await rm(uploads, { recursive: true, force: true })
  await mkdir(uploads, { recursive: true })
  let count = 0

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://clickhouse')
    if (url.pathname === '/ping' || (request.method === 'GET' && url.search === '')) {
      response.end('Ok.\n')
      return
    }
    const body = decoded(request)
    const inQuery = url.searchParams.has('query')
    if (!inQuery && Number(request.headers['content-length'] ?? 0) > STATEMENT_BYTES) {
      throw new EngineError(
        62,
        `Code: 62. DB::Exception: The statement is longer than ${STATEMENT_BYTES} bytes. (SYNTAX_ERROR)`,
      )
    }
    let statement = readStatement(url.searchParams, request.headers, inQuery ? '' : await text(body))
    const upload = join(uploads, `${++count}`)
    const insert = inQuery ? insertFromFile(statement.sql, upload) : null
    try {
      if (insert) {
        await pipeline(body, createWriteStream(upload))
        statement = { ...statement, sql: insert }
      } else if (inQuery) {
        const rest = await text(body)
        if (rest) statement = { ...statement, sql: `${statement.sql}\n${rest}` }
      }
      const result = await engine.run(statement)
      const rows = String(result.rowsRead)
      const bytes = String(result.bytesRead)
      const written = /^\s*insert\b/i.test(statement.sql)
      response.setHeader('X-ClickHouse-Query-Id', url.searchParams.get('query_id') ?? '')
      response.setHeader('X-ClickHouse-Format', statement.format)
      response.setHeader(
        'X-ClickHouse-Summary',
        JSON.stringify({
          read_rows: rows,
          read_bytes: bytes,
          written_rows: written ? rows : '0',
          written_bytes: written ? bytes : '0',
          total_rows_to_read: '0',
          result_rows: '0',
          result_bytes: String(result.bytes.length),
          elapsed_ns: String(Math.round(result.elapsedSeconds * 1e9)),
        }),
      )
      send(request, response, url, result.bytes)
    } finally {
      await rm(upload, { force: true })
    }
  }

  return createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      const code = error instanceof EngineError ? error.clickhouseCode : 1002
      const message = error instanceof Error ? error.message : String(error)
      if (response.headersSent) return response.destroy()
      response.statusCode = HTTP_STATUS[code] ?? 500
      response.setHeader('X-ClickHouse-Exception-Code', String(code))
      response.setHeader('Content-Type', 'text/plain; charset=UTF-8')
      response.end(message.startsWith('Code:') ? message : `Code: ${code}. DB::Exception: ${message}`)
    })
  })
}

function decoded(request: IncomingMessage): Readable {
  const encoding = request.headers['content-encoding']
  if (!encoding || encoding === 'identity') return request
  const decoder = decoders[encoding]
  if (!decoder)
    throw new EngineError(
      36,
      `Code: 36. DB::Exception: Unknown Content-Encoding ${encoding}. (BAD_ARGUMENTS)`,
    )
  return request.pipe(decoder())
}

function send(request: IncomingMessage, response: ServerResponse, url: URL, bytes: Uint8Array): void {
  const accepted = String(request.headers['accept-encoding'] ?? '')
  const encoding = Object.keys(encoders).find((name) => accepted.includes(name))
  if (url.searchParams.get('enable_http_compression') !== '1' || !encoding) {
    response.end(bytes)
    return
  }
  response.setHeader('Content-Encoding', encoding)
  response.end((encoders[encoding] as (b: Uint8Array) => Buffer)(bytes))
}
