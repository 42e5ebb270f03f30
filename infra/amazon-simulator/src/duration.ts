const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** `300ms`, `30s`, `5m`, `48h`, `2d` in milliseconds; null for anything else. */
export function durationMs(text: string): number | null {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? []
  return amount && unit ? Number(amount) * (UNITS[unit] as number) : null
}

/** ISO 8601 periods that a report schedule can have. Source: Reports API 2021-06-30, createReportSchedule. */
export const PERIODS_MS: Readonly<Record<string, number>> = {
  PT5M: 5 * 60_000,
  PT15M: 15 * 60_000,
  PT30M: 30 * 60_000,
  PT1H: 3_600_000,
  PT2H: 2 * 3_600_000,
  PT4H: 4 * 3_600_000,
  PT8H: 8 * 3_600_000,
  PT12H: 12 * 3_600_000,
  P1D: 86_400_000,
  P2D: 2 * 86_400_000,
  P3D: 3 * 86_400_000,
  PT84H: 84 * 3_600_000,
  P7D: 7 * 86_400_000,
  P14D: 14 * 86_400_000,
  P15D: 15 * 86_400_000,
  P18D: 18 * 86_400_000,
  P30D: 30 * 86_400_000,
  P1M: 30 * 86_400_000,
}
