import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

const HOME = join(ROOT, '.local')

/** All state of `npm start`: `.local/`, or the folder that `BACKHAUL_FOLDER` names. */
export const LOCAL = process.env.BACKHAUL_FOLDER || HOME

/** State of the servers that tests run on. */
export const TEST = join(HOME, 'test')

/** What is fetched once, shared by all stacks of the checkout. */
export const ARTIFACTS = join(HOME, 'artifacts')
