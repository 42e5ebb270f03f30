/** An instant as answers tell it. */
export const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())
