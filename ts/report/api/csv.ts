import type { Comparison } from '../../index.ts'
import { csvOf } from '../csv.ts'

const HEADS = ['task', 'model', 'kind', 'metric', 'value', 'low', 'high', 'difference', 'p', 'best', 'error']

/** A line for each task, model and metric of a comparison; a model that failed has one line with its error. */
export function comparisonAsCSV({ tables }: Comparison): string {
  const rows = tables.flatMap(({ task, models, best }) =>
    models.flatMap(({ model, kind, metrics, intervals, significance, error }) => {
      const named = [task, model, kind]
      if (error && Object.keys(metrics).length === 0) return [[...named, '', '', '', '', '', '', '', error.message]]
      return Object.entries(metrics).map(([name, value]) => {
        const { low, high } = intervals[name] ?? {}
        const { difference, corrected } = significance[name] ?? {}
        const numbers = [value, low, high, difference, corrected].map((number) =>
          number === undefined ? '' : String(number),
        )
        return [...named, name, ...numbers, String(best[name] === model), '']
      })
    }),
  )
  return csvOf([HEADS, ...rows])
}
