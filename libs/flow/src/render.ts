import { writeFileSync } from 'node:fs'
import { renderDataflow } from './dataflow.ts'

writeFileSync(new URL('../../../docs/dataflow.md', import.meta.url), renderDataflow())
