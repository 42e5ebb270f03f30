const LENGTH_BYTES = 4

/** Several values as one, each behind its length, in memory that `take` gives. */
export function joinFrames(values: readonly Uint8Array[], take: (bytes: number) => Buffer): Buffer {
  const joined = take(values.reduce((sum, { length }) => sum + LENGTH_BYTES + length, 0))
  let at = 0
  for (const value of values) {
    at = joined.writeUInt32LE(value.length, at)
    joined.set(value, at)
    at += value.length
  }
  return joined
}

/** The values that were joined, as views. */
export function splitFrames(joined: Buffer): Buffer[] {
  const values: Buffer[] = []
  for (let at = 0; at < joined.length; ) {
    const from = at + LENGTH_BYTES
    at = from + joined.readUInt32LE(at)
    values.push(joined.subarray(from, at))
  }
  return values
}
