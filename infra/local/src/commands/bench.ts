import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ROOT } from '../folders.ts'

// `npm run bench -- <name>`: the program stands in bench/, beside what it measures against.
await import(pathToFileURL(join(ROOT, 'bench', 'src', 'main.ts')).href)
