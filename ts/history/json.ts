import { isRecord } from '../arguments.ts'
import { TastespaceError } from '../errors.ts'
import type { History, HistoryRow } from './history.ts'

type Fields = Readonly<Record<string, unknown>>

/** How an element of a service's export is read; undefined for one that names no item. */
interface Reader {
  readonly service: History['service']
  readonly scale: History['scale']
  /** Whether an element is of this service. */
  accepts(element: Fields): boolean
  row(element: Fields): Omit<HistoryRow, 'line'> | undefined
}

const spotify: Reader = {
  service: 'spotify',
  scale: null,
  accepts: (element) => 'master_metadata_track_name' in element || 'trackName' in element,
  row: (element) =>
    item({
      title: text(element.master_metadata_track_name ?? element.trackName),
      creator: text(element.master_metadata_album_artist_name ?? element.artistName),
      time: time(element.ts ?? element.endTime),
    }),
}

const trakt: Reader = {
  service: 'trakt',
  scale: [1, 10],
  accepts: (element) => isRecord(element.movie) || isRecord(element.show),
  row: (element) => {
    // The show of an episode stands for it.
    const of = isRecord(element.movie) ? element.movie : isRecord(element.show) ? element.show : {}
    const ids: Fields = isRecord(of.ids) ? of.ids : {}
    return item({
      title: text(of.title),
      year: number(of.year),
      id: text(ids.imdb),
      rating: number(element.rating),
      time: time(element.rated_at ?? element.watched_at ?? element.last_watched_at ?? element.collected_at),
    })
  },
}

const lastfm: Reader = {
  service: 'lastfm',
  scale: null,
  accepts: (element) => 'name' in element && isRecord(element.artist),
  row: (element) => {
    const artist: Fields = isRecord(element.artist) ? element.artist : {}
    const date: Fields = isRecord(element.date) ? element.date : {}
    return item({
      title: text(element.name),
      creator: text(artist['#text'] ?? artist.name),
      time: number(Number(date.uts ?? Number.NaN)),
    })
  },
}

const READERS: readonly Reader[] = [spotify, trakt, lastfm]

/**
 * The history in an export in JSON: an array, or an array inside an object, or in arrays of pages. Undefined for JSON lines,
 * which the engine reads.
 */
export function historyOfJSON(name: string, json: string): History | undefined {
  const parsed = parse(json)
  if (parsed === undefined) {
    if (json.startsWith('{')) return undefined
    throw new TastespaceError(
      'data/bad-json',
      `${name} is not valid JSON: expected an export of Spotify, Trakt or Last.fm`,
      {
        file: name,
      },
    )
  }
  const elements = elementsOf(parsed)
  const reader = READERS.find(({ accepts }) => elements.some(accepts))
  if (reader) {
    const rows = elements.flatMap((element, index) => {
      const row = reader.row(element)
      return row ? [{ line: index + 1, ...row }] : []
    })
    return { service: reader.service, scale: reader.scale, rows }
  }
  const message =
    `${name} is JSON, but no history that is recognised: expected an export of Spotify, Trakt or Last.fm, an array of ` +
    'objects with trackName, movie, show, or name and artist'
  throw new TastespaceError('data/unrecognised', message, { file: name })
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

/** The objects that a service writes for an item, wherever they are in the document. */
function elementsOf(parsed: unknown): Fields[] {
  if (Array.isArray(parsed)) return parsed.flatMap(elementsOf)
  if (!isRecord(parsed)) return []
  if (READERS.some(({ accepts }) => accepts(parsed))) return [parsed]
  return Object.values(parsed).flatMap((value) => (typeof value === 'object' ? elementsOf(value) : []))
}

function item(row: { [Key in keyof HistoryRow]?: HistoryRow[Key] | undefined }): Omit<HistoryRow, 'line'> | undefined {
  if (row.title === undefined && row.id === undefined) return undefined
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined))
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

function time(value: unknown): number | undefined {
  const milliseconds =
    typeof value === 'string' ? Date.parse(/[zZ]$|[+-]\d\d:?\d\d$/.test(value) ? value : `${value}Z`) : Number.NaN
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000
}
