import { badArgument, isRecord } from '../arguments.ts'
import type { ItemNames } from '../models/names.ts'
import { type TitleIndex, type TitleMatch, titleIndex } from '../models/titles/title-index.ts'
import type { History, HistoryRow } from './history.ts'

/** An item of the model that a row of a history stands for. An input of `recommendFor`. */
export interface MatchedItem {
  readonly item: string
  readonly title?: string
  /** The rating on the scale of the model. */
  readonly rating?: number
  /** The row: the last one where several stand for this item. */
  readonly row: HistoryRow
}

/** A row that may stand for several items. */
export interface AmbiguousRow {
  readonly row: HistoryRow
  readonly candidates: readonly { readonly item: string; readonly title?: string }[]
}

/** A history in the items of a model. */
export interface MatchedHistory {
  /** Items, the latest last where the history has times. */
  readonly matched: readonly MatchedItem[]
  /** Rows that may stand for several items. */
  readonly ambiguous: readonly AmbiguousRow[]
  /** Rows that stand for no item of the model. */
  readonly unmatched: readonly HistoryRow[]
}

/** The part of an episode's name that follows the name of its series. */
const EPISODE = /: (?:season|series|limited series|part|volume|chapter|book|collection) .*$/i

/** Candidates of a row that are reported. */
const MOST_CANDIDATES = 10

/** Finds the items of a history among those of a model, whose ratings have this range. */
export function matchHistory(
  names: ItemNames,
  history: History,
  range: readonly [low: number, high: number],
): MatchedHistory {
  const index = titleIndex(names)
  const rows = inOrder(history)
  const matches = bestOf(
    readings(history).map((reading) => rows.map(remembered((row) => matchRow(names, index, row, reading)))),
  )
  const matched = new Map<number, MatchedItem>()
  const ambiguous = new Map<string, AmbiguousRow>()
  const unmatched = new Map<string, HistoryRow>()
  rows.forEach((row, place) => {
    const { item, candidates } = matches[place] ?? { candidates: [] }
    const name = `${row.title ?? row.id}\n${row.creator ?? ''}\n${row.year ?? ''}`
    if (item !== undefined) {
      const rating = scaled(row.rating ?? matched.get(item)?.row.rating, history.scale, range)
      // The place of an item is that of its last row.
      matched.delete(item)
      matched.set(item, { ...names.item(item), ...(rating !== undefined && { rating }), row })
    } else if (candidates.length > 0) {
      const named = candidates.slice(0, MOST_CANDIDATES).map((candidate) => names.item(candidate))
      ambiguous.set(name, { row, candidates: named })
    } else unmatched.set(name, row)
  })
  return { matched: [...matched.values()], ambiguous: [...ambiguous.values()], unmatched: [...unmatched.values()] }
}

/** Refuses what is no history. */
export function checkHistory(history: History): History {
  const { rows, scale }: { rows?: unknown; scale?: unknown } = isRecord(history) ? history : {}
  if (!Array.isArray(rows)) throw badArgument('matchHistory', 'history', history, 'a history that readHistory returned')
  const numbers: readonly unknown[] = Array.isArray(scale) ? scale : []
  const [low, high] = numbers
  const isScale = numbers.length === 2 && typeof low === 'number' && typeof high === 'number' && low < high
  if (scale !== null && scale !== undefined && !isScale) {
    throw badArgument('matchHistory', 'scale', scale, 'the lowest and the highest rating, or null')
  }
  for (const row of rows) {
    if (!isRecord(row) || (row.title === undefined && row.id === undefined)) {
      throw badArgument('matchHistory', 'a row', row, 'an object with a title or an id')
    }
    checkFields(row, ['title', 'id', 'creator'], 'string', 'a text')
    checkFields(row, ['year', 'rating', 'time'], 'number', 'a number')
  }
  return history
}

function checkFields(row: Readonly<Record<string, unknown>>, names: readonly string[], type: string, expected: string) {
  for (const name of names) {
    const value = row[name]
    if (value === undefined || typeof value === type) continue
    throw badArgument('matchHistory', `the ${name} of a row`, value, expected)
  }
}

/** The field of a row that names the item. */
type Reading = 'title' | 'creator'

/** The ways to read a history. The items of a model of music are tracks, or artists. */
function readings({ rows, service }: History): Reading[] {
  const artists = service === 'spotify' || service === 'lastfm'
  return artists && rows.some(({ creator }) => creator !== undefined) ? ['title', 'creator'] : ['title']
}

/** The reading that matches the most rows. */
function bestOf(several: readonly TitleMatch[][]): TitleMatch[] {
  const count = (matches: readonly TitleMatch[]) => matches.filter(({ item }) => item !== undefined).length
  return several.reduce((best, matches) => (count(matches) > count(best) ? matches : best))
}

/** A row that occurs again is matched once: people hear a song many times. */
function remembered(match: (row: HistoryRow) => TitleMatch): (row: HistoryRow) => TitleMatch {
  const known = new Map<string, TitleMatch>()
  return (row) => {
    const name = JSON.stringify([row.title, row.creator, row.year, row.id])
    const found = known.get(name) ?? match(row)
    known.set(name, found)
    return found
  }
}

function matchRow(names: ItemNames, index: TitleIndex, row: HistoryRow, reading: Reading): TitleMatch {
  const { id, year } = row
  const title = reading === 'title' ? row.title : row.creator
  const byId = id === undefined ? undefined : names.indexOf(id)
  // The numbers of one catalogue mean other items in another: an id counts where there is nothing else to go by.
  if (byId !== undefined && (title === undefined || !index.hasTitles)) return { item: byId, candidates: [byId] }
  if (title === undefined) return id === undefined ? { candidates: [] } : index.match(id)
  const match = index.match(title, reading === 'title' ? year : undefined)
  if (byId !== undefined && match.candidates.includes(byId)) return { item: byId, candidates: [byId] }
  if (match.item !== undefined || match.candidates.length > 0) return match
  const series = title.replace(EPISODE, '')
  return series === title ? match : index.match(series, year)
}

/** Rows from the earliest, where all have a time. Netflix lists the latest first, and its dates differ by country. */
function inOrder({ service, rows }: History): readonly HistoryRow[] {
  if (service === 'netflix') return [...rows].reverse()
  if (rows.some(({ time }) => time === undefined)) return rows
  return [...rows].sort((a, b) => (a.time ?? 0) - (b.time ?? 0))
}

/**
 * A rating of a service on the scale of a model: the lowest becomes the lowest, the highest the highest, and those between keep
 * their proportions. A rating of an unknown scale stays as it is. None where the model has no scale.
 */
function scaled(
  rating: number | undefined,
  scale: History['scale'],
  [low, high]: readonly [low: number, high: number],
): number | undefined {
  if (rating === undefined || low === high) return undefined
  if (!scale) return rating
  const [from, to] = scale
  const part = Math.min(Math.max((rating - from) / (to - from), 0), 1)
  return low + part * (high - low)
}
