export { type CellName, type Cells, foldHeader } from './columns.ts'
export { documentKind } from './document-kind.ts'
export {
  type DocumentRow,
  type Layout,
  type Owner,
  type RejectedRow,
  type RowFault,
  type RowReader,
  type RowSkip,
  type RowsOfPiece,
  rowFaults,
} from './document-row.ts'
export { FlatFileReader } from './flat-file-reader.ts'
export { rowDigest } from './row-digest.ts'
export { type Identified, type IdentifiedRow, identifyRows, type KnownRow } from './row-identity.ts'
export { type XmlEvents, XmlReader } from './xml-reader.ts'
