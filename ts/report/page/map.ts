import * as Plot from '@observablehq/plot'
import { GENRES, GREY } from './colours.ts'
import type { ItemMap, Point } from './content.ts'
import { commonGenres } from './genres.ts'
import { readable } from './labels.ts'
import { plot } from './plot.ts'

/** Largest number of titles: those of the items with the most rows. */
const TITLED = 28
/** A page narrower than this, in pixels, is a phone's: the map is upright, with fewer and shorter titles. */
const NARROW = 520

/** The items in the plane, coloured by genre. Items of a chosen genre are in front. */
export function mapPlot({ points }: ItemMap, chosen: string, width: number): Element {
  const genres = commonGenres(points)
  const coloured = genres.slice(0, GENRES.length)
  const rarity = new Map(genres.map((genre, place) => [genre, place]))
  const nameOf = ({ genres: of }: Point) => {
    if (chosen !== '') return of.includes(chosen) ? chosen : 'others'
    // The rarest genre is the most informative.
    const own = of.filter((genre) => coloured.includes(genre))
    return own.sort((a, b) => (rarity.get(b) ?? 0) - (rarity.get(a) ?? 0))[0] ?? 'others'
  }
  const shown = points.map((point) => ({ ...point, genre: nameOf(point) }))
  const isOther = ({ genre }: { genre: string }) => genre === 'others'
  const narrow = width < NARROW
  const height = narrow ? width * 1.25 : Math.min(width * 0.72, 760)
  const place = pixels(points, width, height)
  const texts = shown
    .filter((point) => chosen === '' || !isOther(point))
    .map((point) => {
      const text = cut(point.title, narrow ? 18 : 26)
      const half = 3.3 * text.length
      const x = Math.min(Math.max(place.x(point.x), half), width - half)
      return { ...point, text, x, y: place.y(point.y) }
    })
  const titled = readable(texts, narrow ? TITLED / 2 : TITLED)
  const domain = chosen === '' ? [...coloured, 'others'] : [chosen, 'others']
  const range = domain.map((genre) =>
    genre === 'others' ? GREY : (GENRES[genres.indexOf(genre) % GENRES.length] ?? GREY),
  )
  const hasGenres = genres.length > 0
  const title = ({ title, genres, rows }: Point) => `${title}\n${genres.join(', ')}\n${rows} training rows`
  return plot({
    width,
    height,
    margin: 0,
    axis: null,
    x: { type: 'identity' },
    y: { type: 'identity' },
    style: { fontSize: '12px' },
    r: { range: narrow ? [1, 5] : [1.2, 7] },
    color: hasGenres
      ? { domain, range, legend: true }
      : { type: 'log', scheme: 'viridis', legend: true, label: 'training rows' },
    marks: [
      Plot.dot(
        [...shown].sort((a, b) => Number(isOther(b)) - Number(isOther(a))),
        {
          x: ({ x }) => place.x(x),
          y: ({ y }) => place.y(y),
          r: 'rows',
          fill: hasGenres ? 'genre' : 'rows',
          fillOpacity: (point) => (hasGenres && isOther(point) ? 0.28 : 0.78),
        },
      ),
      Plot.text(titled, {
        x: 'x',
        y: 'y',
        text: 'text',
        dy: -11,
        fontSize: 11,
        fill: 'currentColor',
        stroke: 'var(--panel)',
        strokeWidth: 4,
      }),
      Plot.tip(shown, Plot.pointer({ x: ({ x }: Point) => place.x(x), y: ({ y }: Point) => place.y(y), title })),
    ],
  })
}

function cut(title: string, most: number): string {
  return title.length > most ? `${title.slice(0, most - 1)}…` : title
}

/** From coordinates to pixels, with room for titles at the edges. */
function pixels(points: readonly Point[], width: number, height: number) {
  const scale = (values: readonly number[], from: number, to: number) => {
    const [low, high] = [Math.min(...values), Math.max(...values)]
    return (value: number) => from + ((value - low) / (high - low || 1)) * (to - from)
  }
  return {
    x: scale(
      points.map(({ x }) => x),
      width < NARROW ? 12 : 70,
      width < NARROW ? width - 12 : width - 70,
    ),
    y: scale(
      points.map(({ y }) => y),
      height - 14,
      26,
    ),
  }
}
