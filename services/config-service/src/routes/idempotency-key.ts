import { text } from '@backhaul/http'

/** Header of creations. Source: IETF draft "The Idempotency-Key HTTP Header Field". */
export const idempotencyKey = {
  'idempotency-key': text(255)
    .optional()
    .describe('A key of your choice: the same call again gets the same answer and creates nothing'),
}
