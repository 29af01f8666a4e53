import * as Plot from '@observablehq/plot'
import type { Entity } from '../../index.ts'
import type { OwnWeights } from './content.ts'
import { plot } from './plot.ts'

/** A table of weights as coloured cells: blue above zero, red below. */
export function weightsPlot({ weights: { rows, columns, values } }: OwnWeights, width: number): Element {
  const down = rows.map(nameOf)
  const across = columns.map(nameOf)
  const cells = values.flatMap((row, r) =>
    row.map((value, c) => ({ row: down[r] ?? '', column: across[c] ?? '', value })),
  )
  const most = Math.max(...cells.map(({ value }) => Math.abs(value)))
  const longest = Math.max(...down.map((name) => name.length))
  return plot({
    width: Math.min(width, 560),
    height: 46 + 62 * rows.length,
    marginLeft: 14 + 7.2 * longest,
    marginTop: 30,
    marginBottom: 6,
    padding: 0.05,
    style: { fontSize: '12px' },
    x: { axis: 'top', label: null, domain: across, tickSize: 0 },
    y: { label: null, domain: down, tickSize: 0 },
    color: { type: 'diverging', scheme: 'RdBu', domain: [-most || -1, most || 1], pivot: 0 },
    marks: [
      Plot.cell(cells, { x: 'column', y: 'row', fill: 'value', rx: 4 }),
      Plot.text(cells, {
        x: 'column',
        y: 'row',
        text: ({ value }) => value.toFixed(3),
        // The scale is dark at both ends and light in between, whatever the page is.
        fill: ({ value }) => (Math.abs(value) > 0.6 * most ? '#fff' : '#1d2129'),
        fontWeight: 600,
      }),
    ],
  })
}

function nameOf(entity: Entity): string {
  return 'name' in entity ? entity.name : entity.item
}
