/** What a request to ClickHouse's HTTP interface asks for. Source: ClickHouse documentation, "HTTP interface". */
export interface Statement {
  readonly sql: string
  readonly database: string | null
  readonly format: string
  /** Query parameters, `param_x` without the prefix. */
  readonly parameters: Readonly<Record<string, string>>
  /** Settings of this one statement. */
  readonly settings: Readonly<Record<string, string>>
}

/** Names in the query string that are about the request, not settings of the engine. */
const ABOUT_REQUEST = new Set([
  'query',
  'database',
  'default_format',
  'user',
  'password',
  'session_id',
  'session_timeout',
  'session_check',
  'query_id',
  'compress',
  'decompress',
  'role',
  'wait_end_of_query',
  'buffer_size',
  'quota_key',
])

/** Reads the query string; `body` is the statement where the query string has none. */
export function readStatement(
  search: URLSearchParams,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: string,
): Statement {
  const parameters: Record<string, string> = {}
  const settings: Record<string, string> = {}
  for (const [name, value] of search) {
    if (name.startsWith('param_')) parameters[name.slice('param_'.length)] = value
    else if (!ABOUT_REQUEST.has(name)) settings[name] = value
  }
  const database = search.get('database') ?? headers['x-clickhouse-database']
  return {
    sql: (search.get('query') ?? body).trim().replace(/;\s*$/, ''),
    database: typeof database === 'string' && database !== '' ? database : null,
    format: search.get('default_format') ?? String(headers['x-clickhouse-format'] ?? 'TabSeparated'),
    parameters,
    settings,
  }
}

/**
 * Turns an insert whose rows come as the request's body into one that reads them from a file.
 * Null when the statement is no such insert.
 */
export function insertFromFile(sql: string, path: string): string | null {
  const match = /^(insert\s+into\s+.+?)\s+format\s+(\w+)$/is.exec(sql)
  return match ? `${match[1]} FROM INFILE ${quoted(path)} FORMAT ${match[2]}` : null
}

/** Text as a SQL literal. */
export const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

/** A name as SQL. */
export const named = (name: string): string => `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``
