export { type Parts, startParts } from './parts.ts'
export { prepareTopics } from './prepare-topics.ts'
export { until } from './ready.ts'
