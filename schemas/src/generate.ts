import { writeFileSync } from 'node:fs'
import { renderTypes } from './typescript.ts'

writeFileSync(new URL('../../libs/domain/src/records.ts', import.meta.url), renderTypes())
