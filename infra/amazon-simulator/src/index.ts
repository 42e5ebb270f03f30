export { demoSeller } from './demo-seller.ts'
export { COLUMNS, renderReport } from './document.ts'
export { type SimulatorOptions, startSimulator } from './start.ts'
export { amazonDay } from './world.ts'
