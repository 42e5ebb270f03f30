/** A CPU profile as V8 writes it. Source: Chrome DevTools Protocol, Profiler.Profile. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[]
  /** Id of the node on top, at each sample. */
  readonly samples: readonly number[]
  /** Microseconds between a sample and the one before. */
  readonly timeDeltas: readonly number[]
}

export interface ProfileNode {
  readonly id: number
  readonly callFrame: Frame
  readonly children?: readonly number[]
}

export interface Frame {
  readonly functionName: string
  readonly url: string
}

/** Time of one stack, the function that ran first. */
export interface StackTime {
  readonly stack: readonly Frame[]
  readonly micros: number
}

/**
 * Time by stack.
 *
 * @param warmUp Share of the profile's time, its beginning, that is left out.
 */
export function stackTimes({ nodes, samples, timeDeltas }: CpuProfile, warmUp: number): StackTime[] {
  const all = timeDeltas.reduce((sum, micros) => sum + micros, 0)
  const byNode = new Map<number, number>()
  let passed = 0
  for (const [at, micros] of timeDeltas.entries()) {
    passed += micros
    const node = samples[at] as number
    if (passed > all * warmUp) byNode.set(node, (byNode.get(node) ?? 0) + micros)
  }
  const frames = new Map(nodes.map((node) => [node.id, node.callFrame]))
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])))
  return [...byNode].map(([node, micros]) => {
    const stack: Frame[] = []
    for (let id: number | undefined = node; id !== undefined; id = parents.get(id)) {
      stack.push(frames.get(id) as Frame)
    }
    return { stack, micros }
  })
}
