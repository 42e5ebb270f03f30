import { Children } from '../children.ts'
import { takeFolder } from '../folder-lock.ts'
import { emptyFolder, LOCAL, TEST } from '../folders.ts'

// `npm run reset`: ends what a killed start left, then empties `.local/`.
try {
  for (const folder of [TEST, LOCAL]) {
    takeFolder(folder)
    await new Children(folder).endLeftovers()
    await emptyFolder(folder)
  }
  console.log('Emptied .local/')
} catch (error) {
  console.error((error as Error).message)
  process.exit(1)
}
