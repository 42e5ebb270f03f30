import { type ColumnType, RowWriter } from './row-binary.ts'

/** One column of a table: its type and where its value comes from. */
export interface Column<R> {
  readonly name: string
  readonly sql: string
  write(writer: RowWriter, row: R): void
}

export const column = <R, V>(name: string, type: ColumnType<V>, value: (row: R) => V): Column<R> => ({
  name,
  sql: type.sql,
  write: (writer, row) => type.write(writer, value(row)),
})

/** A table as the sink writes it. A test holds its columns against those that the migrations made. */
export interface Table<R> {
  readonly name: string
  readonly columns: readonly Column<R>[]
}

/** Rows of a table, ready to be inserted. */
export interface Block {
  readonly table: string
  readonly columns: readonly string[]
  readonly rowCount: number
  readonly bytes: Buffer
}

/** The same rows give the same bytes. */
export function toBlock<R>({ name, columns }: Table<R>, rows: readonly R[]): Block {
  const writer = new RowWriter()
  for (const row of rows) for (const c of columns) c.write(writer, row)
  return { table: name, columns: columns.map((c) => c.name), rowCount: rows.length, bytes: writer.bytes }
}
