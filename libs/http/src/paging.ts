import { z } from 'zod'
import { HttpFault } from './problem.ts'

/** Query of a list that is read page by page. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('Most entries of one page'),
  cursor: z.string().optional().describe('`nextCursor` of the page before'),
}

/** One page of a list. */
export const pageOf = <T extends z.ZodType>(entry: T) =>
  z.object({ items: z.array(entry), nextCursor: z.string().nullable().describe('Null on the last page') })

/** Where the next page begins, opaque to the caller. */
export const toCursor = (position: string): string => Buffer.from(position).toString('base64url')

/** @throws HttpFault 422 when it is no cursor of ours. */
export function fromCursor(cursor: string | undefined): string | null {
  if (cursor === undefined) return null
  const position = Buffer.from(cursor, 'base64url').toString('utf8')
  if (toCursor(position) !== cursor)
    throw new HttpFault(422, 'CURSOR_INVALID', 'cursor: not one that this API gave')
  return position
}
