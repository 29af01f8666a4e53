import * as Plot from '@observablehq/plot'
import { measured } from './colours.ts'
import type { ReportTable } from './content.ts'
import { plot } from './plot.ts'
import { isPowerOfTen, logarithmicTicks } from './ticks.ts'

/** The metric of each model against its training time. */
export function costPlot(table: ReportTable, width: number, colour: (model: string) => string): Element {
  const { metric } = table
  const rows = measured(table).map(({ model, seconds, metrics, intervals, memoryBytes }) => {
    const value = metrics[metric] ?? Number.NaN
    const { low = value, high = value } = intervals[metric] ?? {}
    // Faster than the resolution of the clock.
    return { model, seconds: Math.max(seconds, 0.001), value, low, high, memory: memoryBytes / 2 ** 20 }
  })
  const seconds = rows.map(({ seconds }) => seconds)
  // A report of models that all failed has no rows.
  const ticks = rows.length > 0 ? logarithmicTicks(Math.min(...seconds), Math.max(...seconds)) : [1, 10]
  return plot({
    width,
    height: 380,
    marginLeft: 54,
    marginRight: 70,
    marginTop: 30,
    marginBottom: 40,
    style: { fontSize: '12px' },
    x: {
      type: 'log',
      label: 'seconds of training, logarithmic',
      labelAnchor: 'center',
      domain: [ticks.at(0), ticks.at(-1)],
      // On a phone only the powers of ten have room.
      ticks: width < 480 ? ticks.filter(isPowerOfTen) : ticks,
      tickFormat: String,
    },
    y: { label: `${metric} on test rows`, grid: true, nice: true },
    marks: [
      Plot.ruleX(rows, {
        x: 'seconds',
        y1: 'low',
        y2: 'high',
        stroke: ({ model }) => colour(model),
        strokeOpacity: 0.45,
        strokeWidth: 2,
      }),
      Plot.dot(rows, {
        x: 'seconds',
        y: 'value',
        fill: ({ model }) => colour(model),
        r: 5,
        tip: true,
        title: ({ model, seconds, value, memory }) =>
          `${model}\n${metric} ${value.toFixed(4)}\n${seconds.toPrecision(3)} s\n${memory.toFixed(1)} MiB`,
      }),
      Plot.text(rows, {
        x: 'seconds',
        y: 'value',
        text: 'model',
        dx: 9,
        textAnchor: 'start',
        fill: 'currentColor',
        fontWeight: 600,
      }),
    ],
  })
}
