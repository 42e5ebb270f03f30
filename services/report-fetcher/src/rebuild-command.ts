import { setTimeout as sleep } from 'node:timers/promises'

/**
 * `npm run rebuild -- "reason"`: asks a running report-fetcher to write all topics again from the archive, and waits for the
 * end. Reads `FETCHER_URL` and `API_KEY`. A wait that is broken off does not stop the rebuild.
 */
const { FETCHER_URL = 'http://127.0.0.1:7002', API_KEY } = process.env
const LOOK_MS = 1_000

interface Answer {
  readonly rebuildId: string
  readonly state: string
  readonly runs: number
  readonly rows: number
  readonly error: string | null
}

/** @throws Error in words for the one who runs the command. */
async function ask(method: string, path: string, body?: object): Promise<Answer> {
  const answer = await fetch(FETCHER_URL + path, {
    method,
    headers: { authorization: `Bearer ${API_KEY}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  }).catch((cause) => {
    throw new Error(`No report-fetcher answers at ${FETCHER_URL}: start it, or set FETCHER_URL`, { cause })
  })
  if (answer.ok) return (await answer.json()) as Answer
  throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`)
}

async function rebuild(reason: string): Promise<void> {
  if (!API_KEY) throw new Error('Set API_KEY to a key with the scopes imports:write and reports:read')
  let told = await ask('POST', '/v1/rebuilds', { reason })
  console.log(`Rebuild ${told.rebuildId}: GET /v1/rebuilds/${told.rebuildId} tells how far it is`)
  while (told.state === 'running') {
    await sleep(LOOK_MS)
    told = await ask('GET', `/v1/rebuilds/${told.rebuildId}`)
    console.log(`${told.state}: ${told.runs} runs, ${told.rows} rows`)
  }
  if (told.state !== 'done') throw new Error(told.error ?? 'The rebuild failed')
}

await rebuild(process.argv[2] ?? 'by hand').catch((error: Error) => {
  console.error(error.message)
  process.exitCode = 1
})
