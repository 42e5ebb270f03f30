import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'

const filling = new Map<string, Promise<void>>()

/** Fills a folder once: under another name, renamed when whole, so that half of one is never taken for it. */
export function filledOnce(folder: string, fill: (partial: string) => Promise<void>): Promise<void> {
  const filled = filling.get(folder) ?? fillOnce(folder, fill).finally(() => filling.delete(folder))
  filling.set(folder, filled)
  return filled
}

async function fillOnce(folder: string, fill: (partial: string) => Promise<void>): Promise<void> {
  if (existsSync(folder)) return
  const partial = `${folder}.${process.pid}.partial`
  await mkdir(partial, { recursive: true })
  try {
    await fill(partial)
    if (!existsSync(folder)) await rename(partial, folder)
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
}
