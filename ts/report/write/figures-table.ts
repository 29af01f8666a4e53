import { pText, shownMetrics } from '../../cli/terminal/compare-table.ts'
import { counted, duration, memory } from '../../cli/terminal/numbers.ts'
import { figure } from '../figure.ts'
import type { ReportModel, ReportTable } from '../page/content.ts'
import { escaped } from './html.ts'
import { modelName } from './model-name.ts'
import { type Cell, type Column, tableOf } from './table.ts'

const COSTS = ['epochs', 'training', 'memory'] as const

/** All metrics of all models, with epochs, time and memory. */
export function figuresTable(table: ReportTable, models: readonly string[]): string {
  const names = Object.keys(table.models.find(({ seeds }) => seeds.length > 0)?.metrics ?? {})
  const usual = shownMetrics(table)
  const hasMemory = table.models.some(({ memoryBytes }) => memoryBytes > 0)
  const columns: Column[] = [
    ...names.map((name): Column => {
      const first = (table.moreIsBetter[name] ?? true) ? 'descending' : 'ascending'
      return { name, first, ...(names.length > 6 && { shown: usual.includes(name) }) }
    }),
    ...COSTS.filter((name) => name !== 'memory' || hasMemory).map((name): Column => ({ name, first: 'ascending' })),
  ]
  const rows = table.models.map((model) => {
    const head = { html: `${modelName(model.model, models)}${settings(model)}`, value: model.model }
    if (model.seeds.length === 0) return { head, cells: model.error?.message ?? '' }
    return { head, cells: [...names.map((name) => metricCell(table, model, name)), ...costs(model, hasMemory)] }
  })
  const label = table.task === 'ranking' ? 'All ranking metrics' : 'All errors of predicted ratings'
  return tableOf({ name: `${table.task}-metrics`, label, head: 'model', sorted: table.metric }, columns, rows)
}

function metricCell(
  { best }: ReportTable,
  { model, metrics, intervals, significance }: ReportModel,
  name: string,
): Cell {
  const value = metrics[name]
  if (value === undefined) return { html: '' }
  const interval = intervals[name]
  const range = interval ? `<small>${figure(interval.low)} to ${figure(interval.high)}</small>` : ''
  const test = significance[name]
  const isBest = best[name] === model
  const p = isBest ? '<small>★ best</small>' : test ? `<small>${escaped(pText(test.corrected))}</small>` : ''
  const shown = isBest ? `<b>${figure(value)}</b>` : figure(value)
  return { html: `${shown}${range}${p}`, value, ...interval, ...(test && !isBest && { p: test.corrected }) }
}

function costs({ epochs, seconds, memoryBytes }: ReportModel, hasMemory: boolean): Cell[] {
  const own = [...new Set(epochs)]
  return [
    { html: own.join(', '), value: own[0] ?? '' },
    { html: duration(seconds), value: seconds },
    ...(hasMemory ? [{ html: memory(memoryBytes), value: memoryBytes }] : []),
  ]
}

/** The options of a model, to be unfolded. */
function settings({ kind, model, options }: ReportModel): string {
  const values = Object.entries(options).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  const named = kind === model ? '' : `<small>${escaped(kind)}</small>`
  if (values.length === 0) return named
  return `${named}<details><summary>${counted(values.length, 'option')}</summary><small>${values.map(escaped).join('<br>')}</small></details>`
}
