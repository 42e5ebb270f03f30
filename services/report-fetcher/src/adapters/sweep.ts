import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Longer than any document takes. */
const LEFT_BEHIND_MS = 86_400_000

/** Removes what processes that were killed left in a folder: entries whose names match and that are a day old. */
export async function sweep(folder: string, name: RegExp, now = Date.now()): Promise<void> {
  const entries = await readdir(folder).catch(() => [])
  for (const entry of entries.filter((e) => name.test(e))) {
    const path = join(folder, entry)
    // Another instance may be sweeping too.
    const age = await stat(path).then(
      ({ mtimeMs }) => now - mtimeMs,
      () => 0,
    )
    if (age > LEFT_BEHIND_MS) await rm(path, { recursive: true, force: true })
  }
}
