import type { Fault } from './fault.ts'

const ROWS = 20

/** An instance starts while the registry is down: it waits, and stops for nobody. */
export const registryDownAtStart: Fault = {
  name: 'registry down at a start',
  kind: 'registry',
  breaks: 'all',
  async run({ registry }, one) {
    await one.kill()
    const asked = registry.shut()
    await one.start()
    await asked
    registry.open()
  },
}

/** Rows under a schema id that nobody has seen come while the registry is down: they wait, and are no dead letters. */
export const newSchemaId: Fault = {
  name: 'registry down while a new schema id is in flight',
  kind: 'registry',
  breaks: 'inputs',
  async run(stage) {
    const id = await stage.registerAgain()
    const asked = stage.registry.shut()
    await stage.write(stage.faultWorld.underSchema(id, ROWS))
    await asked
    stage.registry.open()
  },
}
