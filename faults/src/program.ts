import { join } from 'node:path'
import { ROOT } from '@backhaul/local'

/** The reconciler of a checkout. */
export const reconcilerMain = (checkout: string = ROOT): string =>
  join(checkout, 'services', 'reconciler', 'src', 'main.ts')
