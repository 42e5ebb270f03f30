import { z } from 'zod'

/** Text of one to `most` characters without blanks around it. A NUL is refused: Postgres cannot store it. */
export const text = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((given) => !given.includes('\0'), { error: 'must not hold the character NUL' })

/** An id in a path or body. Ids that nothing has are simply not found. */
export const idText = text(200)
