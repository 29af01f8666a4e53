// The pictures of a report: this runs in the page, on the content that the page holds.

import type { ReportContent } from './content.ts'
import { costPlot } from './cost.ts'
import { curvesPlot } from './curves.ts'
import { figurePlot } from './intervals.ts'
import { mapPlot } from './map.ts'
import { weightsPlot } from './weights.ts'

const source = document.getElementById('content')?.textContent
const content: ReportContent = JSON.parse(source ?? '{"tables":[],"weights":[]}')

/** Draws into every place of a name, as wide as it is, and again where that changes. */
function drawn(name: string, draw: (place: HTMLElement, width: number) => Element | undefined): void {
  for (const place of document.querySelectorAll<HTMLElement>(`[data-plot="${name}"]`)) {
    let before = 0
    const observer = new ResizeObserver(() => {
      const width = Math.floor(place.clientWidth)
      if (width === before || width === 0) return
      before = width
      place.replaceChildren(...[draw(place, width)].filter((node) => node !== undefined))
    })
    observer.observe(place)
  }
}

const tableOf = (place: HTMLElement) => content.tables[Number(place.dataset.table)]

drawn('figure', (place, width) => {
  const table = tableOf(place)
  return table && figurePlot(table, place.dataset.metric ?? table.metric, width)
})
drawn('curves', (place, width) => {
  const table = tableOf(place)
  return table && curvesPlot(table, width)
})
drawn('cost', (place, width) => {
  const table = tableOf(place)
  return table && costPlot(table, width)
})

drawn('weights', (place, width) => {
  const own = content.weights[Number(place.dataset.weights)]
  return own && weightsPlot(own, width)
})

const { map } = content
if (map) {
  const chooser = document.querySelector<HTMLSelectElement>('#genre')
  const redraw = () => {
    for (const place of document.querySelectorAll<HTMLElement>('[data-plot="map"]')) {
      place.replaceChildren(mapPlot(map, chooser?.value ?? '', Math.floor(place.clientWidth)))
    }
  }
  drawn('map', (_, width) => mapPlot(map, chooser?.value ?? '', width))
  chooser?.addEventListener('change', redraw)
}
