import type { Fault } from './fault.ts'

/** What rows say of some items, and as it looks with a bit flipped: nothing but a checksum tells. */
export const TEXT = 'Stuhl'
const FLIPPED = 'Stuhm'

/** Flips a bit of each text that tells of such an item. */
export function flipBits(bytes: Buffer): void {
  for (let at = bytes.indexOf(TEXT); at >= 0; at = bytes.indexOf(TEXT)) bytes.write(FLIPPED, at)
}

/** A bit of a fetched batch flips on its way. It must stop rather than take in what nobody wrote; then it is started again. */
export const bitFlipped: Fault = {
  name: 'a bit of a fetched batch flips: it stops and says so',
  kind: 'corruption',
  breaks: 'one',
  async run(_, one) {
    const stopped = one.stopped()
    const flipped = one.proxy.trap({ api: 'Fetch', side: 'answer', holding: TEXT }, (frame) => {
      flipBits(frame)
      return { kind: 'pass' }
    })
    await Promise.all([flipped, stopped])
    const reason = await stopped
    if (!reason.startsWith('RECORD_BATCH_CORRUPT'))
      throw new Error(`it stopped for another reason: ${reason}`)
    await one.start()
  },
}
