import { type RestApi, restApi } from '@backhaul/http'
import type { FastifyPluginAsync } from 'fastify'
import type { Simulation } from '../simulation.ts'
import { controlOfChanges } from './control-changes.ts'
import { controlOfSight } from './control-sight.ts'

/**
 * `/_control`: what a test or a person may see and change while the simulator runs. Described at `/openapi.json`.
 * Wrong bodies are answered by 422, which names each wrong key.
 */
export const control: FastifyPluginAsync<{ simulation: Simulation }> = async (fastify, { simulation }) => {
  // Awaited for its effect: within a plugin, a Fastify that is awaited resolves to another one.
  await restApi(fastify, {
    title: 'Amazon simulator: control',
    description: 'See what the simulated Amazon was asked, and change how it answers.',
    version: '0.1.0',
    verifyKey: async () => null,
  })
  const http = fastify as unknown as RestApi
  controlOfSight(http, simulation)
  controlOfChanges(http, simulation)
}
