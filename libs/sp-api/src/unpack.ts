import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { SpApiError } from './errors.ts'

/** How far a document may unpack. */
export interface UnpackLimits {
  /** Most bytes once unpacked. */
  readonly mostUnpackedBytes?: number
  /** Most bytes that one packed byte may become, once `FREE_BYTES` are exceeded. */
  readonly mostRatio?: number
}

/** Four times the largest document that was thought of. */
const MOST_UNPACKED_BYTES = 4 * 1024 ** 3
/** Reports pack 5 to 30 times; gzip's own limit is 1032. */
const MOST_RATIO = 250
/** A short document of blank cells may pack better than any real one, and does no harm. */
const FREE_BYTES = 16 * 1024 ** 2

/** Packed once for storage and once for transport; a third layer is a trap. */
const MOST_LAYERS = 2

/**
 * Unpacks a gzip body, by its first bytes, whatever was said of it. What is not packed comes as it is.
 *
 * @param certainlyWhole False when the body may have been cut on its way: a cut gzip is then worth another try.
 * @throws SpApiError `DOCUMENT_BOMB`, `DOCUMENT_TOO_LARGE`, `DOCUMENT_DAMAGED`; `DOCUMENT_NETWORK` when it may have been cut on
 *   its way; what the body throws.
 */
export async function* unpacked(
  body: AsyncIterable<Uint8Array>,
  {
    mostUnpackedBytes = MOST_UNPACKED_BYTES,
    mostRatio = MOST_RATIO,
    certainlyWhole = true,
  }: UnpackLimits & { certainlyWhole?: boolean } = {},
): AsyncGenerator<Uint8Array> {
  const count = { packed: 0, unpacked: 0 }
  async function* counted() {
    for await (const chunk of body) {
      count.packed += chunk.length
      yield chunk
    }
  }
  for await (const chunk of layers(counted(), certainlyWhole, MOST_LAYERS)) {
    count.unpacked += chunk.length
    if (count.unpacked > mostUnpackedBytes)
      throw new SpApiError(
        'DOCUMENT_TOO_LARGE',
        `The document unpacks to more than ${mostUnpackedBytes} bytes`,
      )
    if (count.unpacked > FREE_BYTES && count.unpacked > count.packed * mostRatio)
      throw new SpApiError('DOCUMENT_BOMB', `The document unpacks to more than ${mostRatio} times its size`)
    yield chunk
  }
}

async function* layers(
  body: AsyncGenerator<Uint8Array>,
  certainlyWhole: boolean,
  left: number,
): AsyncGenerator<Uint8Array> {
  const [first, all] = await beginning(body)
  if (left === 0 || first[0] !== 0x1f || first[1] !== 0x8b) yield* all
  else yield* layers(gunzipped(all, certainlyWhole), certainlyWhole, left - 1)
}

/** The first two bytes of a body, and the whole body again. */
async function beginning(
  body: AsyncGenerator<Uint8Array>,
): Promise<[Uint8Array, AsyncGenerator<Uint8Array>]> {
  let held = Buffer.alloc(0)
  while (held.length < 2) {
    const { done, value } = await body.next()
    if (done) break
    held = Buffer.concat([held, value])
  }
  async function* all() {
    if (held.length > 0) yield held
    yield* body
  }
  return [held, all()]
}

async function* gunzipped(
  body: AsyncGenerator<Uint8Array>,
  certainlyWhole: boolean,
): AsyncGenerator<Uint8Array> {
  const source = Readable.from(body, { objectMode: false })
  const gunzip = createGunzip()
  source.once('error', (error) => gunzip.destroy(error))
  try {
    for await (const chunk of source.pipe(gunzip)) yield chunk
  } catch (error) {
    const code = (error as { code?: string }).code ?? ''
    if (!code.startsWith('Z_')) throw error
    if (code === 'Z_BUF_ERROR' && !certainlyWhole)
      throw new SpApiError('DOCUMENT_NETWORK', 'The document broke off before the end of its gzip')
    throw new SpApiError(
      'DOCUMENT_DAMAGED',
      'The document is packed by gzip, and cut or broken as it is stored',
      {
        details: { networkCode: code },
      },
    )
  } finally {
    source.destroy()
    gunzip.destroy()
  }
}
