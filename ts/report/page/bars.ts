import * as Plot from '@observablehq/plot'
import type { Bin } from './content.ts'
import { plot } from './plot.ts'

const ROUNDED = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 })

/** Numbers in bins as bars. */
export function barsPlot(bins: readonly Bin[], label: string, counted: string, width: number): Element {
  const rows = bins.map(({ from, to, count }) => ({
    name: from === to ? short(from) : `${short(from)}–${short(to)}`,
    count,
  }))
  return plot({
    width,
    height: 190,
    marginLeft: 14,
    marginRight: 6,
    marginTop: 22,
    marginBottom: 38,
    style: { fontSize: '12px' },
    x: {
      label,
      labelAnchor: 'center',
      domain: rows.map(({ name }) => name),
      padding: 0.15,
      tickSize: 0,
      // Names that would overlap are left out, every second or third.
      ticks: rows.map(({ name }) => name).filter((_, at) => at % Math.ceil((rows.length * 50) / width) === 0),
    },
    y: { axis: null },
    marks: [
      Plot.barY(rows, { x: 'name', y: 'count', fill: 'var(--bar)', rx1: 3, ry1: 3 }),
      Plot.text(rows, {
        x: 'name',
        y: 'count',
        text: ({ count }) => (count > 0 ? ROUNDED.format(count) : ''),
        dy: -8,
        fill: 'currentColor',
        fontSize: 11,
      }),
      Plot.tip(
        rows,
        Plot.pointerX({
          x: 'name',
          y: 'count',
          title: ({ name, count }) => `${name}: ${count.toLocaleString('en-US')} ${counted}`,
        }),
      ),
      Plot.ruleY([0]),
    ],
  })
}

function short(value: number): string {
  return value >= 1000 ? ROUNDED.format(value) : String(Number(value.toPrecision(3)))
}
