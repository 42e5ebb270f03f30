import { bytesOf } from '../load/input-writer.ts'
import type { Stage } from '../stage/stage.ts'
import { type CommittedInputs, placeOf } from './committed-inputs.ts'
import type { ReadRecord } from './read-topics.ts'

export interface DeadLetterFindings {
  readonly count: number
  /** Poison inputs that have one. */
  readonly distinct: number
  readonly lost: readonly string[]
  readonly duplicated: readonly string[]
  readonly phantom: readonly string[]
  readonly wrong: readonly string[]
}

/** Each poison input once in the dead letters, bytes untouched, under the right code; and nothing else there. */
export function verifyDeadLetters(
  stage: Stage,
  { poison }: CommittedInputs,
  letters: readonly ReadRecord[],
): DeadLetterFindings {
  const byOrigin = Map.groupBy(letters, originOf)
  const duplicated: string[] = []
  const phantom: string[] = []
  const wrong: string[] = []
  for (const [origin, [letter, ...more]] of byOrigin) {
    const input = poison.get(origin)
    if (more.length > 0) duplicated.push(`the dead letter of ${origin} is there ${more.length + 1} times`)
    if (!input) {
      phantom.push(`a dead letter of ${origin}, which is no poison`)
      continue
    }
    const bytes = bytesOf(stage.codec, stage.client.physical, input)
    const code = letter?.headers['error-code'] ?? '(none)'
    const isSame = Buffer.compare(bytes ?? Buffer.alloc(0), letter?.value ?? Buffer.alloc(0)) === 0
    if (!isSame || letter?.key !== input.key) wrong.push(`the dead letter of ${origin} has other bytes`)
    if (!input.codes.includes(code))
      wrong.push(`the dead letter of ${origin} says ${code}, not ${input.codes}`)
  }
  const lost = [...poison.keys()].filter((origin) => !byOrigin.has(origin))
  return {
    count: letters.length,
    distinct: poison.size - lost.length,
    lost: lost.map((origin) => `${origin} has no dead letter`),
    duplicated,
    phantom,
    wrong,
  }
}

const originOf = ({ headers }: ReadRecord) =>
  placeOf(headers['origin-topic'] ?? '', headers['origin-partition'] ?? '', headers['origin-offset'] ?? '')
