import type { Backhaul } from './backhaul.ts'
import type { Endpoints } from './endpoints.ts'

/** Where everything listens. */
export function urlTable(endpoints: Endpoints, { services }: Backhaul): string {
  const { kafka, registry, postgres, clickhouse, amazon } = endpoints
  const rows = [
    ['Kafka', kafka],
    ['Schema registry', registry],
    ['Postgres', postgres],
    ['ClickHouse', clickhouse],
    ...Object.entries(services).map(([name, { url }]) => [name, url]),
    ['simulated Amazon', amazon],
  ] as [string, string][]
  const width = Math.max(...rows.map(([name]) => name.length))
  const lines = rows.map(([name, url]) => `  ${name.padEnd(width)}  ${url}`)
  return ['', 'Backhaul is running.', '', ...lines].join('\n')
}

/** Three commands to try. */
export function tried(endpoints: Endpoints, integrationId: string): string {
  const { clickhouse, reportFetcher, configService, amazon, apiKey } = endpoints
  const database = new URL(clickhouse)
  const query = `${database.origin}/?database=${database.pathname.slice(1)}&default_format=PrettyCompact`
  const key = `-H 'authorization: Bearer ${apiKey}'`
  return `
Try:

  # Why do buyers send things back?
  curl '${query}' -d 'SELECT * FROM return_reasons LIMIT 10'

  # The integration, with its settings and mappings
  curl ${key} ${configService}/v1/integrations/${integrationId}

  # Let three days pass at Amazon, then fetch: statuses, tracking and refunds move on
  curl -X POST ${amazon}/_control/clock -H 'content-type: application/json' -d '{"days":3}'
  curl -X POST ${key} ${reportFetcher}/v1/integrations/${integrationId}/fetches

Logs of all parts: .local/logs/ · endpoints for programs: .local/endpoints.json · Ctrl-C stops everything.
`
}
