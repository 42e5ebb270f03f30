import { prepareTopics, settingsFrom } from '../prepare-topics.ts'

// `npm run deploy`: creates the topics and registers the schemas on the servers that the environment names. Services
// never do; run it before a new version of them.
const { SCHEMA_REGISTRY_URL } = process.env
try {
  const settings = settingsFrom(process.env)
  if (!SCHEMA_REGISTRY_URL) throw new Error('SCHEMA_REGISTRY_URL is missing')
  await prepareTopics(settings, SCHEMA_REGISTRY_URL)
  console.log('Topics and schemas are in place')
} catch (error) {
  console.error((error as Error).message)
  process.exit(1)
}
