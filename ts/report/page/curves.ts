import * as Plot from '@observablehq/plot'
import { figure } from '../figure.ts'
import { measured } from './colours.ts'
import type { ReportTable } from './content.ts'
import { apart } from './labels.ts'
import { plot } from './plot.ts'
import { epochTicks } from './ticks.ts'

const HEIGHT = 380
const MARGIN = { top: 30, bottom: 40 }

/** The metric that chose the epochs, on validation rows, for each epoch, with a ring at the best. */
export function curvesPlot(table: ReportTable, width: number, colour: (model: string) => string): Element | undefined {
  const steps = measured(table).flatMap(({ model, curve, epochs }) => {
    const fitted = curve.flatMap(({ phase, epoch, value }) =>
      phase === 'fit' && value !== undefined ? [{ epoch, value }] : [],
    )
    // A single epoch is drawn as a horizontal line.
    return fitted.map((step) => ({ ...step, model, chosen: step.epoch === epochs[0], level: fitted.length === 1 }))
  })
  const curves = steps.filter(({ level }) => !level)
  if (curves.length === 0) return undefined
  const levels = steps.filter(({ level }) => level)
  const last = Math.max(...curves.map(({ epoch }) => epoch))
  const values = steps.map(({ value }) => value)
  const gap = ((Math.max(...values) - Math.min(...values)) * 15) / (HEIGHT - MARGIN.top - MARGIN.bottom)
  const ends = [...new Map(steps.map((step) => [step.model, step])).values()]
  const labels = apart(
    ends.map(({ model, value }) => ({ text: model, value })),
    gap,
  )
  const stroke = ({ model }: { model: string }) => colour(model)
  return plot({
    width,
    height: HEIGHT,
    marginLeft: 54,
    marginRight: 12 + 7.2 * Math.max(...labels.map(({ text }) => text.length)),
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    style: { fontSize: '12px' },
    x: { label: 'epoch', labelAnchor: 'center', domain: [0, last], ticks: epochTicks(last), tickFormat: 'd' },
    y: { label: `${table.metric} on validation rows`, grid: true, nice: true },
    marks: [
      Plot.ruleY(levels, { y: 'value', stroke, strokeDasharray: '2,4' }),
      Plot.line(curves, { x: 'epoch', y: 'value', z: 'model', stroke, strokeWidth: 1.8 }),
      Plot.dot(
        curves.filter(({ chosen }) => chosen),
        { x: 'epoch', y: 'value', stroke, r: 5, strokeWidth: 2.2, fill: 'var(--panel)' },
      ),
      Plot.text(labels, {
        x: last,
        y: 'at',
        text: 'text',
        fill: ({ text }) => colour(text),
        textAnchor: 'start',
        dx: 8,
        fontWeight: 600,
      }),
      Plot.tip(
        curves,
        Plot.pointer({
          x: 'epoch',
          y: 'value',
          title: ({ model, epoch, value }) => `${model}\nepoch ${epoch}\n${table.metric} ${figure(value)}`,
        }),
      ),
    ],
  })
}
