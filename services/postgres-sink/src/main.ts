import { run } from '@backhaul/runtime'
import { service } from './service.ts'

run(service)
