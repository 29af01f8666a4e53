import * as Plot from '@observablehq/plot'
import type { Popularity } from './content.ts'
import { apart } from './labels.ts'
import { plot } from './plot.ts'

const HEIGHT = 320
const MARGIN = { top: 30, bottom: 40 }

/** The popularity of recommended items against the part of the catalogue that the lists cover. */
export function popularityPlot(
  models: readonly Popularity[],
  width: number,
  colour: (model: string) => string,
): Element {
  const history = models[0]?.history ?? 0
  const most = Math.max(history, ...models.map(({ recommended }) => recommended)) * 1.1
  const gap = (most * 14) / (HEIGHT - MARGIN.top - MARGIN.bottom)
  const labels = neighbours(models, 100 / width).flatMap((group) =>
    apart(
      group.map((model) => ({ ...model, text: model.model, value: model.recommended })),
      gap,
    ),
  )
  // To the left of the dot where there is no room to the right.
  const placed = labels.map((label) => ({ ...label, left: label.coverage > 0.75 }))
  const text = (left: boolean) =>
    Plot.text(
      placed.filter((label) => label.left === left),
      {
        x: 'coverage',
        y: 'at',
        text: 'text',
        dx: left ? -10 : 10,
        textAnchor: left ? 'end' : 'start',
        fill: 'currentColor',
        fontWeight: 600,
      },
    )
  return plot({
    width,
    height: HEIGHT,
    marginLeft: 48,
    marginRight: 16,
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    style: { fontSize: '12px' },
    x: { label: 'part of the catalogue in a list', labelAnchor: 'center', domain: [0, 1], tickFormat: '.0%', ticks: 5 },
    y: { label: 'training rows of an item, mean', grid: true, domain: [0, most], nice: true },
    marks: [
      Plot.ruleY([history], { stroke: 'currentColor', strokeDasharray: '4,4' }),
      Plot.text([history], {
        y: (value) => value,
        frameAnchor: 'left',
        dx: 4,
        dy: -8,
        text: () => "users' histories",
        textAnchor: 'start',
        fill: 'currentColor',
      }),
      Plot.dot(models, { x: 'coverage', y: 'recommended', r: 6, fill: ({ model }) => colour(model) }),
      text(false),
      text(true),
      Plot.tip(
        models,
        Plot.pointer({
          x: 'coverage',
          y: 'recommended',
          title: ({ model, coverage, recommended }) =>
            `${model}\n${(coverage * 100).toFixed(1)} % of the catalogue\n${recommended.toFixed(1)} training rows`,
        }),
      ),
    ],
  })
}

/** Models whose labels could overlap: the next one's coverage is within a distance. */
function neighbours(models: readonly Popularity[], distance: number): Popularity[][] {
  const groups: Popularity[][] = []
  for (const model of [...models].sort((a, b) => a.coverage - b.coverage)) {
    const last = groups.at(-1)?.at(-1)
    if (last && model.coverage - last.coverage < distance) groups.at(-1)?.push(model)
    else groups.push([model])
  }
  return groups
}
