import * as Plot from '@observablehq/plot'
import { measured, STANDING, standing } from './colours.ts'
import type { ReportTable } from './content.ts'

/** One metric of all models: a dot with its interval, the best model first. */
export function figurePlot(table: ReportTable, metric: string, width: number): Element {
  const more = table.moreIsBetter[metric] ?? true
  const rows = measured(table)
    .map((model) => {
      const value = model.metrics[metric] ?? Number.NaN
      const { low = value, high = value } = model.intervals[metric] ?? {}
      return { model: model.model, value, low, high, standing: standing(table, model, metric) }
    })
    .sort((a, b) => (more ? b.value - a.value : a.value - b.value))
  const longest = Math.max(...rows.map(({ model }) => model.length))
  const title = ({ model, value, low, high }: (typeof rows)[number]) =>
    `${model}\n${metric} ${value.toFixed(4)}\n${low.toFixed(4)} to ${high.toFixed(4)}`
  return Plot.plot({
    width,
    height: 46 + 24 * rows.length,
    marginLeft: 14 + 7.2 * longest,
    marginRight: 54,
    marginTop: 6,
    marginBottom: 38,
    style: { fontSize: '12px' },
    x: {
      label: `${metric} ${more ? '→ better' : '→ worse'}`,
      labelAnchor: 'center',
      nice: true,
      grid: true,
      ticks: Math.max(3, Math.floor(width / 110)),
    },
    y: { label: null, domain: rows.map(({ model }) => model), tickSize: 0 },
    color: { domain: Object.keys(STANDING), range: Object.values(STANDING) },
    marks: [
      Plot.ruleY(rows, {
        y: 'model',
        x1: 'low',
        x2: 'high',
        stroke: 'standing',
        strokeWidth: 2.5,
        strokeLinecap: 'round',
      }),
      Plot.dot(rows, { y: 'model', x: 'value', fill: 'standing', r: 4.5, title, tip: true }),
      Plot.text(rows, {
        y: 'model',
        x: 'high',
        text: ({ value }) => value.toFixed(value < 1 ? 4 : 3).replace(/^0/, ''),
        textAnchor: 'start',
        dx: 7,
        fill: 'currentColor',
      }),
    ],
  })
}
