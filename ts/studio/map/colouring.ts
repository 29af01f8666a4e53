import { GENRES, GREY } from '../colours.ts'
import type { Data } from '../data/data.ts'
import { short } from '../numbers.ts'
import { packed } from './layer.ts'

export type Colouring = 'genre' | 'popularity' | 'cluster'

export interface Coloured {
  /** Packed, one for each item. */
  readonly colours: Uint32Array
  readonly legend: readonly { readonly name: string; readonly colour: string }[]
}

/** From rare to popular: a scale that is read on light and dark alike, and by people who see fewer colours. */
const SCALE = ['#5b62b3', '#4586b8', '#37a59c', '#67b86b', '#b3bd47', '#e7b43c', '#ee8a4a'] as const

export function coloured({ genres, rowsPerItem }: Data, by: Colouring, groups: Uint8Array | undefined): Coloured {
  if (by === 'popularity') return byPopularity(rowsPerItem)
  if (by === 'cluster') return byGroup(genres.length, groups)
  return byGenre(genres)
}

function byGenre(genres: Data['genres']): Coloured {
  const counts = new Map<string, number>()
  for (const [first] of genres) if (first) counts.set(first, (counts.get(first) ?? 0) + 1)
  const names = [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([name]) => name)
    .slice(0, GENRES.length)
  const legend = names.map((name, place) => ({ name, colour: GENRES[place] ?? GREY }))
  const colourOf = new Map(legend.map(({ name, colour }) => [name, packed(colour)]))
  const other = packed(GREY)
  // An item has the colour of the first of its genres that has one.
  const colours = Uint32Array.from(
    genres,
    (each) => colourOf.get(each.find((name) => colourOf.has(name)) ?? '') ?? other,
  )
  const rest = colours.some((colour) => colour === other)
  return {
    colours,
    legend: rest ? [...legend, { name: legend.length > 0 ? 'other' : 'no genre', colour: GREY }] : legend,
  }
}

function byPopularity(rows: Uint32Array): Coloured {
  const highest = Math.log1p(rows.reduce((a, b) => Math.max(a, b), 0)) || 1
  const step = (count: number) => Math.min(SCALE.length - 1, Math.floor((Math.log1p(count) / highest) * SCALE.length))
  const scale = SCALE.map(packed)
  const legend = SCALE.map((colour, place) => {
    const least = Math.ceil(Math.expm1((place / SCALE.length) * highest))
    return { name: `${short(least)}+`, colour }
  })
  return { colours: Uint32Array.from(rows, (count) => scale[step(count)] ?? 0), legend }
}

function byGroup(items: number, groups: Uint8Array | undefined): Coloured {
  const palette = GENRES.map(packed)
  if (!groups) return { colours: new Uint32Array(items).fill(packed(GREY)), legend: [] }
  const used = new Set(groups)
  const legend = GENRES.map((colour, place) => ({ name: `group ${place + 1}`, colour })).filter((_, place) =>
    used.has(place),
  )
  return { colours: Uint32Array.from(groups, (group) => palette[group % palette.length] ?? 0), legend }
}
