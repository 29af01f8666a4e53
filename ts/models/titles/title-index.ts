import type { ItemNames } from '../names.ts'
import { editDistance } from './edit-distance.ts'
import { compact, plain, type TitleKeys, titleKeys, withoutEnglishArticle, withoutForeignArticle } from './normalise.ts'

/** Years of the same work that differ by at most this are those of two countries or two sources. */
const MOST_YEARS = 1

/** Largest number of titles that are compared letter by letter; more take too long. */
const MOST_COMPARED = 200_000

/** What a title refers to: an item, several of which none is certain, or none. Items are indices. */
export interface TitleMatch {
  readonly item?: number
  readonly candidates: readonly number[]
}

const NONE: TitleMatch = { candidates: [] }

/** Ways in which titles are equal, from the surest. Those that ignore an article of another language need equal years. */
type Way = 'main' | 'other' | 'article' | 'compact' | 'foreign'

/** Titles of a model's items by their keys. */
export class TitleIndex {
  readonly #keys: readonly TitleKeys[]
  readonly #ways: Readonly<Record<Way, ReadonlyMap<string, readonly number[]>>>
  readonly #parts: ReadonlyMap<string, readonly { readonly item: number; readonly whole: boolean }[]>
  /** Whether there is any title. */
  readonly hasTitles: boolean

  constructor(private readonly names: ItemNames) {
    this.#keys = names.titles.map((title) => titleKeys(title))
    this.hasTitles = names.titles.some((title) => title !== '')
    const ways: Record<Way, Map<string, number[]>> = {
      main: new Map(),
      other: new Map(),
      article: new Map(),
      compact: new Map(),
      foreign: new Map(),
    }
    const parts = new Map<string, { item: number; whole: boolean }[]>()
    this.#keys.forEach((keys, item) => {
      if (!names.titles[item]) return
      for (const [way, key] of waysOf(keys)) {
        const items = listOf(ways[way], key)
        if (items.at(-1) !== item) items.push(item)
      }
      for (const { key, whole } of keys.parts) listOf(parts, key).push({ item, whole })
    })
    this.#ways = ways
    this.#parts = parts
  }

  /** The item that a title refers to. A match is certain; where it is not, there are candidates. */
  match(title: string, year?: number): TitleMatch {
    const exact = this.#match(titleKeys(title, year))
    if (exact.item !== undefined || exact.candidates.length > 0) return exact
    // A year without parentheses: `the matrix 1999`.
    const [, rest = '', last = ''] = /^(.+?)[\s,]+((?:18|19|20)\d\d)$/.exec(title.trim()) ?? []
    return year === undefined && rest !== '' ? this.#match(titleKeys(rest, Number(last))) : NONE
  }

  #match(keys: TitleKeys): TitleMatch {
    for (const [way, key] of waysOf(keys)) {
      const items = this.#ways[way].get(key) ?? []
      const found = this.#ofYear(items, keys.year, way === 'foreign')
      if (found.length === 1) return { item: found[0] ?? 0, candidates: found }
      if (found.length > 1) return { candidates: found }
    }
    return this.#matchPart(keys)
  }

  /** The items of which a title is a part. With its year, a part that stands for the whole title is certain. */
  #matchPart({ main, year }: TitleKeys): TitleMatch {
    const parts = this.#parts.get(main) ?? []
    if (year === undefined) return { candidates: [...new Set(parts.map(({ item }) => item))] }
    const same = parts.filter(({ item }) => this.#keys[item]?.year === year)
    const whole = same.filter(({ whole }) => whole)
    const candidates = [...new Set([...whole, ...same].map(({ item }) => item))]
    const [only] = candidates
    return candidates.length === 1 && only !== undefined && whole.length > 0
      ? { item: only, candidates }
      : { candidates }
  }

  /** The items whose year is that of a title; of the same year where there are any. */
  #ofYear(items: readonly number[], year: number | undefined, needed: boolean): readonly number[] {
    if (year === undefined) return needed ? [] : items
    const near = items.filter((item) => {
      const other = this.#keys[item]?.year
      return other === undefined ? !needed : Math.abs(other - year) <= MOST_YEARS
    })
    const same = near.filter((item) => this.#keys[item]?.year === year)
    return same.length > 0 ? same : near
  }

  /** Items whose id or title matches a text, best first, and whether each is certainly the one. */
  find(text: string, k: number): { item: number; exact: boolean }[] {
    const found = new Map<number, boolean>()
    const byId = this.names.indexOf(text)
    if (byId !== undefined) found.set(byId, true)
    const { item, candidates } = this.match(text)
    for (const candidate of candidates) {
      if (!found.has(candidate)) found.set(candidate, byId === undefined && candidate === item)
    }
    if (found.size < k) for (const item of this.#containing(text)) if (!found.has(item)) found.set(item, false)
    return [...found].slice(0, k).map(([item, exact]) => ({ item, exact }))
  }

  /** Items whose titles have words that begin with those of a text: titles that begin with it first, shorter ones first. */
  #containing(text: string): number[] {
    const { main, year } = titleKeys(text)
    const words = main.split(' ')
    const scored = this.#keys.flatMap((keys, item) => {
      if (!this.names.titles[item]) return []
      if (year !== undefined && keys.year !== year) return []
      const titles = [keys.main, ...keys.others]
      const begins = titles.some((title) => title.startsWith(main) || withoutEnglishArticle(title).startsWith(main))
      const has = begins || titles.some((title) => hasWords(title.split(' '), words))
      return has ? [{ item, order: (begins ? 0 : 1e6) + keys.main.length }] : []
    })
    return scored.sort((a, b) => a.order - b.order || a.item - b.item).map(({ item }) => item)
  }

  /** Items whose titles differ from a text by a few letters, the nearest first. */
  near(text: string, k: number): number[] {
    if (this.#keys.length > MOST_COMPARED) return []
    const { main, year } = titleKeys(text)
    const wanted = withoutEnglishArticle(main)
    const most = Math.floor(wanted.length / 4)
    const scored = this.#keys.flatMap((keys, item) => {
      if (!this.names.titles[item]) return []
      if (year !== undefined && keys.year !== undefined && Math.abs(keys.year - year) > MOST_YEARS) return []
      const distances = [keys.main, ...keys.others].map((key) => {
        const other = withoutEnglishArticle(key)
        return Math.abs(other.length - wanted.length) > most ? Number.POSITIVE_INFINITY : editDistance(wanted, other)
      })
      const distance = Math.min(...distances)
      return distance <= most ? [{ item, distance }] : []
    })
    return scored
      .sort((a, b) => a.distance - b.distance || a.item - b.item)
      .slice(0, k)
      .map(({ item }) => item)
  }
}

/** The keys under which a title is found and looked for, from the surest. */
function waysOf({ main, others }: TitleKeys): [Way, string][] {
  const all = [main, ...others]
  return [
    ['main', main],
    ...others.map((other): [Way, string] => ['other', other]),
    ['other', main],
    ...all.map((key): [Way, string] => ['article', withoutEnglishArticle(key)]),
    ...all.map((key): [Way, string] => ['compact', compact(withoutEnglishArticle(key))]),
    ...all.map((key): [Way, string] => ['foreign', compact(withoutForeignArticle(withoutEnglishArticle(key)))]),
  ]
}

/** The list of a key, which is empty at first. */
function listOf<T>(lists: Map<string, T[]>, key: string): T[] {
  const list = lists.get(key) ?? []
  lists.set(key, list)
  return list
}

function hasWords(title: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((word) => title.some((other) => other.startsWith(word)))
}

const indices = new WeakMap<ItemNames, TitleIndex>()

/** The index of the titles of a model. It is made once for the names of the model, which are read anew after training. */
export function titleIndex(names: ItemNames): TitleIndex {
  const index = indices.get(names) ?? new TitleIndex(names)
  indices.set(names, index)
  return index
}

/** Whether a text has anything to be found by. */
export function isSearchable(text: string): boolean {
  return plain(text) !== ''
}
