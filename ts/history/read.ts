import { checkKeys, keysOf } from '../arguments.ts'
import { checkName } from '../data/read.ts'
import { readAll, type Source } from '../data/source.ts'
import { clientOf } from '../engine/client.ts'
import type { Engine } from '../engine/engine.ts'
import { TastespaceError } from '../errors.ts'
import { engineOf } from '../platform/platform.ts'
import type { History, HistoryRow } from './history.ts'
import { historyOfJSON } from './json.ts'

/** How a history is read. */
export interface ReadHistoryOptions {
  /** The name that messages use. Default: the name of the file. */
  readonly name?: string | undefined
  /** The engine that reads. Default: the shared engine. */
  readonly engine?: Engine | undefined
}

const KEYS = keysOf<ReadHistoryOptions>({ name: true, engine: true })

/** Bytes that decide whether a file is text. */
const HEAD = 1024

/** Names in the headers of exports, without signs and in lower case. */
const HEADER =
  /^(?:title|name|film|movie|moviename|track|trackname|tracktitle|song|artist|const|uts|bookid|letterboxduri)$/
const ID_HEADER = /^(?:item|item_?id|movie_?id|book_?id|isbn|track_?id|artist_?id|product_?id)$/i
/** The end of a line of Last.fm's export without a header: `01 Jan 2020 12:00`. */
const LASTFM = /^(?:[^,]*,){3,}"?\d{1,2} \w{3} \d{4},? \d{2}:\d{2}"?$/

/**
 * Reads one person's history: an export of Letterboxd, Goodreads, IMDb, Netflix, Trakt (JSON), Spotify (JSON) or Last.fm,
 * another table with titles or ids, or a text file with one id or title a line, each perhaps with `=rating`.
 * `model.matchHistory` finds its items in a model.
 *
 * @example
 * const history = await readHistory('letterboxd/ratings.csv')
 * const { matched, unmatched } = await model.matchHistory(history)
 * const forMe = await model.recommendFor(matched)
 *
 * @throws `file/not-found` and other `file/…` codes, `data/…` codes with line and column of what is wrong, `data/no-rows`
 */
export async function readHistory(source: Source, options: ReadHistoryOptions = {}): Promise<History> {
  const { name: given, engine } = checkKeys('readHistory', options, KEYS)
  checkName('readHistory', given)
  if (engine !== undefined) clientOf(engine)
  const { name: own, bytes } = await readAll('readHistory', source)
  const name = given ?? own
  const history = await historyOf(name, bytes, engine)
  if (history.rows.length > 0) return history
  throw new TastespaceError('data/no-rows', `${name} has no items of a history: expected titles or ids`, { file: name })
}

async function historyOf(name: string, bytes: Uint8Array, engine: Engine | undefined): Promise<History> {
  if (isText(bytes)) {
    const text = new TextDecoder().decode(bytes)
    const start = text.trimStart()
    if (start.startsWith('[') || start.startsWith('{')) {
      const json = historyOfJSON(name, start)
      if (json) return json
    } else if (!isTable(start)) return listOf(text)
  }
  const client = await engineOf(engine)
  return JSON.parse(await client.call('readHistory', name, bytes))
}

/** Whether there are no control characters. Compressed files and UTF-16 have some, and the engine reads them. */
function isText(bytes: Uint8Array): boolean {
  return bytes.subarray(0, HEAD).every((byte) => byte >= 9)
}

/** Whether the first line is a header of a table with titles or ids, or a row of Last.fm's export. */
function isTable(text: string): boolean {
  const [line = ''] = text.split(/\r?\n/, 1)
  const cells = line.split(/[,;\t|]/).map((cell) => cell.trim().replace(/^"|"$/g, ''))
  if (cells.length < 2) return false
  const named = (cell: string) => HEADER.test(cell.replace(/[\s_-]/g, '').toLowerCase()) || ID_HEADER.test(cell)
  return cells.some(named) || LASTFM.test(line)
}

/** One item a line, perhaps with `=rating`. */
function listOf(text: string): History {
  const rows = text.split(/\r?\n/).flatMap((line, index): HistoryRow[] => {
    const [, item = line, rating] = /^(.+)=(-?\d+(?:\.\d+)?)\s*$/.exec(line) ?? []
    if (item.trim() === '') return []
    return [{ line: index + 1, id: item.trim(), ...(rating !== undefined && { rating: Number(rating) }) }]
  })
  return { service: 'list', scale: null, rows }
}
