import packageJson from '../../../package.json' with { type: 'json' }

/** Version of Backhaul, told in dead letters and by the APIs. */
export const appVersion: string = packageJson.version
