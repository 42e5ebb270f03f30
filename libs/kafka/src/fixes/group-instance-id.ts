/**
 * kafkajs never passes `group.instance.id`, though its requests can carry it: every restart is a new member, and a rebalance.
 * Mends: what kafkajs/src/consumer asks the group's coordinator. Upstream: tulios/kafkajs issue 884 (open).
 *
 * Positions go without the id: the broker knows the member by its own id, which is new at each restart.
 * Source: KIP-345, static membership.
 */
import { type ConsumerCluster, wrapCoordinator } from '../coordinator.ts'

/**
 * Makes a consumer a static member: JoinGroup, SyncGroup and Heartbeat carry the id, and the seat is not given up when the
 * consumer stops. The broker keeps it for the session time-out.
 */
export function joinAs(instanceId: string, cluster: ConsumerCluster): void {
  wrapCoordinator(cluster, (coordinator) => ({
    lookupRequest: (apiKey, definition) => {
      const request = coordinator.lookupRequest(apiKey, definition)
      return (payload) => request({ ...payload, groupInstanceId: instanceId })
    },
    leaveGroup: async () => {},
  }))
}
