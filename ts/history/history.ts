/** The services whose exports are recognised. `list` is a text file with one item a line, `table` any other table. */
export type HistoryService =
  | 'letterboxd'
  | 'goodreads'
  | 'imdb'
  | 'netflix'
  | 'trakt'
  | 'spotify'
  | 'lastfm'
  | 'table'
  | 'list'

/** An item in a person's history, as the service names it. */
export interface HistoryRow {
  /** Line of the file, or number of the element, from 1. */
  readonly line: number
  readonly title?: string
  /** The artist of a track, or the author of a book. */
  readonly creator?: string
  readonly year?: number
  /** The id that the service uses; of a `list`, an id or a title. */
  readonly id?: string
  /** Absent where the person gave none: 0 of Goodreads, for example. */
  readonly rating?: number
  /** Seconds since 1970; absent where the time cannot be read. */
  readonly time?: number
}

/** One person's history. */
export interface History {
  readonly service: HistoryService
  /** Lowest and highest possible rating of the service; null where it is unknown. */
  readonly scale: readonly [low: number, high: number] | null
  /** In the order of the file. */
  readonly rows: readonly HistoryRow[]
}
