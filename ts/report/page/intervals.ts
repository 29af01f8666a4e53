import * as Plot from '@observablehq/plot'
import { figure } from '../figure.ts'
import { measured, standing } from './colours.ts'
import type { ReportTable } from './content.ts'
import { plot } from './plot.ts'

/** One metric of all models with their intervals, the best model first. Symbols show the comparison with the best. */
export function figurePlot(
  table: ReportTable,
  metric: string,
  width: number,
  colour: (model: string) => string,
): Element {
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
    `${model}\n${metric} ${figure(value)}\n${figure(low)} to ${figure(high)}`
  const of = (which: string) => rows.filter(({ standing }) => standing === which)
  const stroke = ({ model }: { model: string }) => colour(model)
  return plot({
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
    marks: [
      Plot.ruleY(rows, { y: 'model', x1: 'low', x2: 'high', stroke, strokeWidth: 2.5, strokeLinecap: 'round' }),
      Plot.dot(of('behind'), { y: 'model', x: 'value', fill: 'var(--panel)', stroke, strokeWidth: 2, r: 4.5 }),
      Plot.dot(of('alike'), { y: 'model', x: 'value', fill: stroke, r: 5 }),
      Plot.dot(of('best'), { y: 'model', x: 'value', fill: stroke, symbol: 'star', r: 7 }),
      Plot.tip(rows, Plot.pointer({ y: 'model', x: 'value', title })),
      Plot.text(rows, {
        y: 'model',
        x: 'high',
        text: ({ value }) => figure(value).replace(/^0/, ''),
        textAnchor: 'start',
        dx: 7,
        fill: 'currentColor',
      }),
    ],
  })
}
