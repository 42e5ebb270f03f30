import { readFileSync } from 'node:fs'

// Loaded into a reconciler before its program: its wall clock runs off by what a file says, and jumps when the file
// changes. The monotonic clock goes on as it does where an operator or NTP sets the time.

const LOOK_AGAIN_MS = 50

const file = process.env.FAULTS_CLOCK_FILE as string
const RealDate = Date
let shiftMs = shiftIn(file)
setInterval(() => {
  shiftMs = shiftIn(file)
}, LOOK_AGAIN_MS).unref()

globalThis.Date = new Proxy(RealDate, {
  get: (target, name) => (name === 'now' ? () => target.now() + shiftMs : Reflect.get(target, name)),
  apply: (target) => new target(target.now() + shiftMs).toString(),
  construct: (target, given, made) =>
    Reflect.construct(target, given.length === 0 ? [target.now() + shiftMs] : given, made),
})

/** Milliseconds in the file; none while there is no file. */
function shiftIn(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8'))
  } catch {
    return 0
  }
}
