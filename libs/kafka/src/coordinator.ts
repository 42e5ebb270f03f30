/** The coordinator of a consumer group, as a member of kafkajs's asks it. */
export interface Coordinator {
  joinGroup(request: object): Promise<{ generationId: number }>
  syncGroup(request: object): Promise<{ memberAssignment: Buffer }>
  leaveGroup(request: object): Promise<unknown>
  offsetCommit(request: object): Promise<unknown>
  /** How a request is encoded, in the newest version that both sides know. */
  lookupRequest(apiKey: number, definition: object): (payload: object) => object
}

/** The connections of one consumer of kafkajs. It hands them to its assigner, and to nobody else. */
export interface ConsumerCluster {
  findGroupCoordinator(group: object): Promise<Coordinator>
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>
}

/** Puts methods of ours over those of each coordinator that the consumer finds. */
export function wrapCoordinator(
  cluster: ConsumerCluster,
  wrap: (coordinator: Coordinator) => Partial<Coordinator>,
): void {
  const find = cluster.findGroupCoordinator.bind(cluster)
  cluster.findGroupCoordinator = async (group) => {
    const coordinator = await find(group)
    return Object.assign(Object.create(coordinator), wrap(coordinator)) as Coordinator
  }
}
