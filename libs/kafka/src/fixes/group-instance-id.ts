/**
 * kafkajs never passes `group.instance.id`, though its requests can carry it: every restart is a new member, and a rebalance.
 * Mends: what kafkajs/src/broker asks the group's coordinator. Upstream: tulios/kafkajs issue 884 (open).
 *
 * Positions go without the id: the broker knows the member by its own id, which is new at each restart.
 * Source: KIP-345, static membership.
 */
import type { Coordinator } from '../internals.ts'

/** The coordinator as a static member asks it: JoinGroup, SyncGroup and Heartbeat carry the id. */
export function asStaticMember(coordinator: Coordinator, groupInstanceId: string): Coordinator {
  return Object.assign(Object.create(coordinator), {
    lookupRequest(apiKey: number, definition: object) {
      const request = coordinator.lookupRequest(apiKey, definition)
      return (payload: object) => request({ ...payload, groupInstanceId })
    },
  })
}
