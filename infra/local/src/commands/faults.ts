import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ROOT } from '../folders.ts'

// `npm run faults -- --quick | --long | --mutate`: the program stands in faults/.
await import(pathToFileURL(join(ROOT, 'faults', 'src', 'main.ts')).href)
