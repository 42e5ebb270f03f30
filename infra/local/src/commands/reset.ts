import { emptyFolder } from '../empty-folder.ts'
import { LOCAL, TEST } from '../folders.ts'

// `npm run reset`: ends what a killed start left, then empties `.local/`.
try {
  await emptyFolder(TEST)
  await emptyFolder(LOCAL)
  console.log(`Emptied ${LOCAL}`)
} catch (error) {
  console.error((error as Error).message)
  process.exit(1)
}
