import { CATEGORIES, type Category, categoryOf } from './classify.ts'
import type { StackTime } from './cpu-profile.ts'

/** Percent of the time in which something ran, by what it was for. */
export function sharesOf(times: readonly StackTime[]): Record<Category, number> {
  const micros = new Map<Category | null, number>()
  for (const time of times) {
    const category = categoryOf(time.stack)
    micros.set(category, (micros.get(category) ?? 0) + time.micros)
  }
  const busy = CATEGORIES.reduce((sum, category) => sum + (micros.get(category) ?? 0), 0)
  const share = (category: Category) => [category, ((micros.get(category) ?? 0) / busy) * 100] as const
  return Object.fromEntries(CATEGORIES.map(share)) as Record<Category, number>
}

/** The functions that themselves took most time, as lines of a Markdown table. */
export function topFunctions(times: readonly StackTime[], most: number): string[] {
  const byFunction = new Map<string, { micros: number; category: Category }>()
  let busy = 0
  for (const { stack, micros } of times) {
    const category = categoryOf(stack)
    const top = stack[0]
    if (category === null || !top) continue
    busy += micros
    const file = top.url.split('/').slice(-2).join('/')
    const name = `${top.functionName || 'anonymous'} ${file}`.trim()
    const known = byFunction.get(`${name} ${category}`) ?? { micros: 0, category }
    byFunction.set(`${name} ${category}`, { micros: known.micros + micros, category })
  }
  const largest = [...byFunction].sort(([, a], [, b]) => b.micros - a.micros).slice(0, most)
  return [
    '| function | for | % |',
    '| --- | --- | --- |',
    ...largest.map(([name, { micros, category }]) => {
      const told = name.slice(0, name.lastIndexOf(' '))
      return `| ${told} | ${category} | ${((micros / busy) * 100).toFixed(1)} |`
    }),
  ]
}
