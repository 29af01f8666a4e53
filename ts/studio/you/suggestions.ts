import type { Data } from '../data/data.ts'

const known = new WeakMap<Data, readonly { readonly item: string; readonly title: string }[]>()

/** Well-known items of many kinds: the most popular ones, but not many of the same genre in a row. */
export function suggestions(data: Data) {
  const made = known.get(data) ?? choose(data)
  known.set(data, made)
  return made
}

function choose({ items, titles, genres, rowsPerItem }: Data) {
  const order = [...rowsPerItem.keys()].sort((a, b) => (rowsPerItem[b] ?? 0) - (rowsPerItem[a] ?? 0)).slice(0, 300)
  const times = new Map<string, number>()
  const place = new Map<number, number>()
  for (const [rank, index] of order.entries()) {
    const genre = genres[index]?.[0] ?? ''
    const before = times.get(genre) ?? 0
    times.set(genre, before + 1)
    place.set(index, rank + (genre ? 12 * before : 0))
  }
  return order
    .sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0))
    .map((index) => ({ item: items[index] ?? '', title: titles[index] ?? '' }))
}
