/** A member as the group's leader sees it. */
export interface Member {
  readonly id: string
  readonly topics: readonly string[]
  /** Partitions by topic that it was given last, and in which generation of the group; -1 where it was given none. */
  readonly owned: Readonly<Record<string, readonly number[]>>
  readonly generation: number
}

/** Topics that are read together, and the members that read all of them. */
interface Join {
  readonly topics: readonly string[]
  readonly members: readonly Member[]
}

/**
 * Deals partition numbers: partition n of all topics that are read together goes to one member, nobody has two numbers
 * more than another, and as few numbers move as that allows. The same members give the same deal, in whatever order.
 *
 * Where members of two releases read different topics, joined topics go to those that read all of them.
 */
export function dealPartitions(
  members: readonly Member[],
  partitionsOf: Readonly<Record<string, number>>,
): Map<string, Record<string, number[]>> {
  const sorted = [...members].sort(byId)
  const dealt = new Map(sorted.map(({ id }) => [id, {} as Record<string, number[]>]))
  for (const join of joins(sorted)) {
    const count = Math.max(...join.topics.map((topic) => partitionsOf[topic] ?? 0))
    for (const [id, numbers] of dealNumbers(join, count)) {
      for (const topic of join.topics) {
        const own = numbers.filter((number) => number < (partitionsOf[topic] ?? 0))
        if (own.length > 0) (dealt.get(id) as Record<string, number[]>)[topic] = own
      }
    }
  }
  return dealt
}

/** Topics are joined when any member reads both. Where nobody reads all of a join, its topics go by who reads them. */
function joins(members: readonly Member[]): Join[] {
  let joined: Set<string>[] = []
  for (const { topics } of members) {
    const touching = joined.filter((set) => topics.some((topic) => set.has(topic)))
    const merged = new Set([...topics, ...touching.flatMap((set) => [...set])])
    joined = [...joined.filter((set) => !touching.includes(set)), merged]
  }
  return joined.flatMap((set) => {
    const topics = [...set].sort()
    const readers = readersOf(topics, members)
    if (readers.length > 0) return [{ topics, members: readers }]
    const alike = Map.groupBy(topics, (topic) =>
      readersOf([topic], members)
        .map(({ id }) => id)
        .join(),
    )
    return [...alike.values()].map((some) => ({ topics: some, members: readersOf(some, members) }))
  })
}

const readersOf = (topics: readonly string[], members: readonly Member[]) =>
  members.filter((member) => topics.every((topic) => member.topics.includes(topic)))

function dealNumbers({ topics, members }: Join, count: number): Map<string, number[]> {
  const held = new Map(members.map(({ id }) => [id, [] as number[]]))
  const free: number[] = []
  for (let number = 0; number < count; number++) {
    const owner = ownerOf(number, topics, members)
    if (owner) held.get(owner.id)?.push(number)
    else free.push(number)
  }
  const heldBy = (id: string) => held.get(id) as number[]
  // Those that hold most may keep one more: fewest numbers move then.
  const quotas = new Map<string, number>()
  const least = Math.floor(count / members.length)
  const byHeld = members.toSorted((a, b) => heldBy(b.id).length - heldBy(a.id).length || byId(a, b))
  for (const [n, { id }] of byHeld.entries()) {
    const quota = n < count % members.length ? least + 1 : least
    quotas.set(id, quota)
    free.push(...heldBy(id).splice(quota))
  }
  free.sort((a, b) => a - b)
  for (const { id } of members) {
    const missing = (quotas.get(id) as number) - heldBy(id).length
    heldBy(id).push(...free.splice(0, missing))
    heldBy(id).sort((a, b) => a - b)
  }
  return held
}

/** The member that was given a number last: one that was away for a while may still claim what others have by now. */
function ownerOf(number: number, topics: readonly string[], members: readonly Member[]): Member | undefined {
  return members
    .filter(({ owned }) => topics.some((topic) => owned[topic]?.includes(number)))
    .toSorted((a, b) => b.generation - a.generation)[0]
}

const byId = (a: Member, b: Member) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
