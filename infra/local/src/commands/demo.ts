import { Demo } from '../demo.ts'

// The demo seller for a stack that runs elsewhere (compose): sets it up, then gives its orders until stopped.
const { CONFIG_SERVICE_URL, ORDER_IMPORTER_URL, AMAZON_URL, API_KEY } = process.env
if (!CONFIG_SERVICE_URL || !ORDER_IMPORTER_URL || !AMAZON_URL || !API_KEY) {
  console.error('CONFIG_SERVICE_URL, ORDER_IMPORTER_URL, AMAZON_URL and API_KEY must all be set')
  process.exit(78)
}
const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stopping.abort())

const demo = new Demo(
  { configService: CONFIG_SERVICE_URL, orderImporter: ORDER_IMPORTER_URL, amazon: AMAZON_URL },
  API_KEY,
)
console.log(`The demo seller is integration ${await demo.setUp()}`)
await demo.giveOrders(stopping.signal, console.warn)
