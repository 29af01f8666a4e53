// The pictures of a report: this runs in the page, on the content that the page holds.

import { barsPlot } from './bars.ts'
import { colours } from './colours.ts'
import type { ReportContent } from './content.ts'
import { costPlot } from './cost.ts'
import { curvesPlot } from './curves.ts'
import { figurePlot } from './intervals.ts'
import { lossPlot } from './loss.ts'
import { mapPlot } from './map.ts'
import { popularityPlot } from './popularity.ts'
import { enhanceTables } from './tables.ts'
import { addTools } from './tools.ts'
import { historyPlot, importancePlot, parallelPlot, slicePlot } from './tuning.ts'
import { weightsPlot } from './weights.ts'

const content: ReportContent = JSON.parse(document.getElementById('content')?.textContent ?? '')
const colour = colours(content.models)

/** Puts a picture in its place, with the name that screen readers read. */
function show(place: HTMLElement, picture: Element | undefined): void {
  if (!picture) return
  const svg = picture instanceof SVGSVGElement ? picture : [...picture.querySelectorAll('svg')].at(-1)
  svg?.setAttribute('role', 'img')
  svg?.setAttribute('aria-label', place.dataset.label ?? '')
  // The marks have names of their own, such as "rule", which mean nothing to a listener.
  for (const mark of svg?.children ?? []) mark.setAttribute('aria-hidden', 'true')
  place.replaceChildren(picture)
}

/** Draws into every place of a name, as wide as it is, and again where that changes. */
function drawn(name: string, draw: (place: HTMLElement, width: number) => Element | undefined): void {
  for (const place of document.querySelectorAll<HTMLElement>(`[data-plot="${name}"]`)) {
    let before = 0
    const observer = new ResizeObserver(() => {
      const width = Math.floor(place.clientWidth)
      if (width === before || width === 0) return
      before = width
      show(place, draw(place, width))
    })
    observer.observe(place)
  }
}

/** Draws the pictures of the tables. */
function drawnOf(
  name: string,
  draw: (table: ReportContent['tables'][number], width: number, place: HTMLElement) => Element | undefined,
): void {
  drawn(name, (place, width) => {
    const table = content.tables[Number(place.dataset.table)]
    return table && draw(table, width, place)
  })
}

drawnOf('figure', (table, width, place) => figurePlot(table, place.dataset.metric ?? table.metric, width, colour))
drawnOf('curves', (table, width) => curvesPlot(table, width, colour))
drawnOf('loss', (table, width) => lossPlot(table, width, colour))
drawnOf('cost', (table, width) => costPlot(table, width, colour))
drawn('popularity', (_, width) => popularityPlot(content.popularity, width, colour))

drawn('weights', (place, width) => {
  const own = content.weights[Number(place.dataset.weights)]
  return own && weightsPlot(own, width)
})

const { map, distributions, tuning } = content
if (tuning) {
  drawn('tuning-history', (_, width) => historyPlot(tuning, width))
  drawn('tuning-parallel', (_, width) => parallelPlot(tuning, width))
  drawn('tuning-importance', (_, width) => importancePlot(tuning, width))
  drawn('tuning-slice', (place, width) => {
    const axis = tuning.axes[Number(place.dataset.axis)]
    return axis && slicePlot(tuning, axis, width)
  })
}
if (distributions) {
  const { ratings, users, items } = distributions
  drawn('ratings', (_, width) => barsPlot(ratings, 'rating', 'rows', width))
  drawn('users', (_, width) => barsPlot(users, 'training rows of a user', 'users', width))
  drawn('items', (_, width) => barsPlot(items, 'training rows of an item', 'items', width))
}
if (map) {
  const chooser = document.querySelector<HTMLSelectElement>('#genre')
  const draw = (width: number) => mapPlot(map, chooser?.value ?? '', width)
  drawn('map', (_, width) => draw(width))
  chooser?.addEventListener('change', () => {
    for (const place of document.querySelectorAll<HTMLElement>('[data-plot="map"]')) {
      show(place, draw(Math.floor(place.clientWidth)))
    }
  })
}
// On a phone only the history and the list of the best model are open at first.
if (matchMedia('(max-width: 560px)').matches) {
  for (const list of document.querySelectorAll<HTMLDetailsElement>('.lists > details:nth-child(n + 3)'))
    list.open = false
}
enhanceTables()
addTools(content)
