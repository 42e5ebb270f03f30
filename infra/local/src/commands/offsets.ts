import { parseArgs } from 'node:util'
import { type TopicName, topics } from '@backhaul/flow'
import { GroupOffsets, type GroupPosition, type OffsetChange, type Target } from '@backhaul/kafka'
import { settingsFrom } from '../prepare-topics.ts'

// `npm run offsets -- show <service>` and `npm run offsets -- set <service> --to …`: where a service's group stands, and
// where it shall go on. `set` says what it would change; it changes nothing without --apply, nor while somebody reads.
const USAGE = `Say one of:
  npm run offsets -- show <service> [--topic <name>] [--partition <n>]
  npm run offsets -- set <service> --to <earliest | latest | offset | time> [--topic <name>] [--partition <n>] [--apply]
Services: reconciler, clickhouse-sink, postgres-sink. A time is ISO 8601, such as 2026-01-31T12:00:00Z; an offset needs
--topic and --partition. KAFKA_BROKERS and TOPIC_PREFIX say which stack.`

const GROUPS = ['reconciler', 'clickhouse-sink', 'postgres-sink'] as const

type Group = (typeof GROUPS)[number]

try {
  await main()
} catch (error) {
  console.error((error as Error).message)
  process.exit(1)
}

async function main(): Promise<void> {
  const { positionals, values: given } = parseArgs({
    allowPositionals: true,
    options: {
      to: { type: 'string' },
      topic: { type: 'string' },
      partition: { type: 'string' },
      apply: { type: 'boolean', default: false },
    },
  })
  const [command, name] = positionals
  const service = GROUPS.find((group) => group === name)
  if (!service || (command !== 'show' && command !== 'set')) throw new Error(USAGE)
  const selection = { topic: topicOf(given.topic), partition: partitionOf(given.partition) }
  const offsets = new GroupOffsets(settingsFrom(process.env), service)
  try {
    if (command === 'show') return show(offsets, await offsets.positions(selection))
    refuseWithoutEffect(service)
    const changes = await offsets.plan(targetOf(given), selection)
    await show(offsets, changes)
    if (!given.apply) return console.log('Nothing was changed: say --apply to do it')
    await offsets.set(changes)
    console.log(`Set. ${service} goes on there when it is started`)
  } finally {
    await offsets.close()
  }
}

function targetOf({ to, topic, partition }: { to?: string; topic?: string; partition?: string }): Target {
  if (to === 'earliest' || to === 'latest') return to
  if (to !== undefined && /^\d+$/.test(to)) {
    if (topic && partition) return { offset: BigInt(to) }
    throw new Error('An offset is of one partition: say --topic and --partition')
  }
  const time = Date.parse(to ?? '')
  if (Number.isNaN(time)) throw new Error(`--to is no offset and no time\n${USAGE}`)
  return { time }
}

function topicOf(name: string | undefined): TopicName | undefined {
  if (name === undefined || name in topics) return name as TopicName | undefined
  throw new Error(`There is no topic ${name} in the flow. Say it without the prefix`)
}

function partitionOf(text: string | undefined): number | undefined {
  if (text === undefined || /^\d+$/.test(text)) return text === undefined ? undefined : Number(text)
  throw new Error('--partition must be a number')
}

function refuseWithoutEffect(service: Group): void {
  if (service !== 'postgres-sink') return
  throw new Error(
    'postgres-sink keeps its positions in Postgres, with its rows: those in Kafka are for lag monitors. ' +
      'To read again, stop it and set next_offset in returns.sink_offsets',
  )
}

async function show(offsets: GroupOffsets, rows: readonly (GroupPosition | OffsetChange)[]): Promise<void> {
  console.log(`Group ${offsets.group}, members: ${await offsets.members()}`)
  console.table(
    rows.map(({ topic, partition, first, end, committed, ...rest }) => ({
      topic,
      partition,
      'first offset': Number(first),
      'end offset': Number(end),
      'group at': committed === null ? 'none' : Number(committed),
      ...('next' in rest && { 'would go to': Number(rest.next) }),
    })),
  )
}
