import { setTimeout as sleep } from 'node:timers/promises'

/**
 * `npm run rebuild -- "reason"`: asks a running report-fetcher to write all topics again from the archive, and waits for the
 * end. Reads `FETCHER_URL` and `API_KEY`.
 */
const { FETCHER_URL = 'http://127.0.0.1:7002', API_KEY = '' } = process.env
const LOOK_MS = 1_000

interface Answer {
  readonly rebuildId: string
  readonly state: string
  readonly runs: number
  readonly rows: number
  readonly error: string | null
}

async function ask(method: string, path: string, body?: object): Promise<Answer> {
  const answer = await fetch(FETCHER_URL + path, {
    method,
    headers: { authorization: `Bearer ${API_KEY}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  if (answer.ok) return (await answer.json()) as Answer
  throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`)
}

let told = await ask('POST', '/v1/rebuilds', { reason: process.argv[2] ?? 'by hand' })
while (told.state === 'running') {
  await sleep(LOOK_MS)
  told = await ask('GET', `/v1/rebuilds/${told.rebuildId}`)
  console.log(`${told.state}: ${told.runs} runs, ${told.rows} rows`)
}
if (told.state !== 'done') throw new Error(told.error ?? 'The rebuild failed')
