export { type CellName, type Cells, foldHeader } from './columns.ts'
export { documentKind } from './document-kind.ts'
export {
  type DocumentRow,
  FlatFileParser,
  linesOf,
  type ParsedRow,
  type RowFault,
  rowFaults,
} from './parse-flat-file.ts'
export { rowDigest } from './row-digest.ts'
export { type Identified, type IdentifiedRow, identifyRows, type KnownRow } from './row-identity.ts'
