import type { FlowService } from './services.ts'
import type { Topic } from './topics.ts'

/** What is wrong with a flow, one sentence each; empty when it holds together. */
export function flowFaults(
  topics: Readonly<Record<string, Topic>>,
  services: Readonly<Record<string, FlowService>>,
): string[] {
  const faults: string[] = []
  for (const [name, topic] of Object.entries(topics)) {
    if (topic.name !== name) faults.push(`topic ${name} calls itself ${topic.name}`)
  }
  for (const service of Object.values(services)) {
    const counts = service.joins.map((name) => `${name} has ${topics[name]?.partitions}`)
    if (new Set(service.joins.map((name) => topics[name]?.partitions)).size > 1)
      faults.push(`${service.name} joins topics with unequal partition counts: ${counts.join(', ')}`)
    for (const name of [...service.reads, ...service.writes, ...service.joins]) {
      if (!topics[name]) faults.push(`${service.name} names the unknown topic ${name}`)
    }
    for (const name of service.joins) {
      if (!service.reads.includes(name)) faults.push(`${service.name} joins ${name} without reading it`)
    }
  }
  return faults
}
