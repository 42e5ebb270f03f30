import { services } from './services.ts'
import { type Topic, topics } from './topics.ts'

const id = (name: string) => name.replaceAll(/[^a-z0-9]/gi, '_')

function diagram(): string {
  const lines = ['flowchart LR']
  for (const s of Object.values(services)) lines.push(`  ${id(s.name)}[${s.name}]`)
  for (const t of Object.values(topics)) lines.push(`  ${id(t.name)}[(${t.name})]`)
  for (const s of Object.values(services)) {
    for (const t of s.reads) lines.push(`  ${id(t)} --> ${id(s.name)}`)
    for (const t of s.writes) lines.push(`  ${id(s.name)} --> ${id(t)}`)
  }
  return ['```mermaid', ...lines, '```'].join('\n')
}

const table = (head: string[], rows: string[][]) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

const escaped = (text: string) => text.replaceAll('|', '\\|')

function retention(topic: Topic): string {
  const { 'cleanup.policy': policy, 'retention.ms': ms, 'min.compaction.lag.ms': lag } = topic.config
  const days = (text: string) => `${Number(text) / 86_400_000} d`
  if (policy === 'compact') return lag ? `compact, not before ${days(lag)}` : 'compact'
  return `delete after ${days(ms ?? '0')}`
}

/** The page `docs/dataflow.md`, rendered from the flow. */
export function renderDataflow(): string {
  const topicRows = Object.values(topics).map((t: Topic) => [
    `\`${t.name}\``,
    t.record ?? 'bytes',
    escaped(t.key),
    String(t.partitions),
    retention(t),
    t.holds,
  ])
  const serviceRows = Object.values(services).map((s) => [
    s.name,
    s.does,
    s.reads.join(', ') || '–',
    s.writes.join(', ') || '–',
  ])
  return `${[
    '# Data flow',
    'Rendered from `libs/flow` by `npm run generate`; do not edit.',
    diagram(),
    '## Topics',
    table(['topic', 'record', 'key', 'partitions', 'kept', 'holds'], topicRows),
    '## Services',
    table(['service', 'does', 'reads', 'writes'], serviceRows),
  ].join('\n\n')}\n`
}
