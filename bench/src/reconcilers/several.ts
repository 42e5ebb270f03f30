import type { ReconcilerKind } from './reconciler.ts'

/** Instances of one kind that share the partitions; all run on the measured core. */
export const several = (kind: ReconcilerKind, instances: number, name: string): ReconcilerKind => ({
  name,
  async start(prefix) {
    const running = await Promise.all(Array.from({ length: instances }, () => kind.start(prefix)))
    const [first] = running
    if (!first) throw new Error(`${name} has no instance`)
    return {
      ...first,
      name,
      ended: () => running.map((one) => one.ended()).find((words) => words !== null) ?? null,
      usage() {
        const usages = running.map((one) => one.usage())
        return {
          peakRssMiB: usages.reduce((sum, { peakRssMiB }) => sum + peakRssMiB, 0),
          cpuSeconds: usages.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
        }
      },
      async stop() {
        await Promise.all(running.map((one) => one.stop()))
      },
    }
  },
})
