/** What a data set holds. */
export interface DatasetInfo {
  readonly rows: number
  /** Number of users who have a row. */
  readonly users: number
  /** Number of items that have a row. */
  readonly items: number
  /** Rows per pair of those users and items, 0 to 1. */
  readonly density: number
  /** Rows that became part of a later row with the same user and item. */
  readonly duplicates: number
  /** Null for implicit feedback, which has no ratings. */
  readonly ratings: RatingsInfo | null
  /** First and last time, in seconds; null where there are no times. */
  readonly times: readonly [first: number, last: number] | null
  /** Null where the items have no features. */
  readonly features: FeaturesInfo | null
  /** Rows of a user. */
  readonly rowsPerUser: Summary
  /** Rows of an item. */
  readonly rowsPerItem: Summary
  /** The first rows, as they were understood; times in seconds. */
  readonly sample: readonly {
    readonly user: string
    readonly item: string
    readonly rating?: number
    readonly time?: number
  }[]
  /** How the file was understood; null where the data was not read. */
  readonly source: SourceInfo | null
  /** Names of the file's columns that are not read. */
  readonly unread: readonly string[]
  /** Notes about the read data, to be shown to users: columns that are not read, an encoding, rows that are left out. */
  readonly notes: readonly Note[]
}

/** How a file was understood. */
export interface SourceInfo {
  /** Its format; `table` for Parquet, Arrow and queries, `rows` for rows of the caller. */
  readonly format: string
  /** Its encoding, such as `UTF-8`; empty where it has none. */
  readonly encoding: string
  /** The columns by meaning: their names or, without a header, their numbers from 1. */
  readonly columns: { readonly [meaning in 'user' | 'item' | 'rating' | 'time']?: string }
  /** What the times are, such as `milliseconds` or `dates, day first`; null where there are none. */
  readonly times: string | null
  /** Faulty rows that were left out, with what is wrong with the first of them. */
  readonly skipped: { readonly rows: number; readonly examples: readonly string[] }
  /** Number of rows left out because their rating means "not rated". */
  readonly notRated: number
}

/** A sentence about data, with a stable code such as `data/unread-columns`. */
export interface Note {
  readonly code: string
  readonly text: string
}

/** The ratings of a data set. */
export interface RatingsInfo {
  /** Null where there are no rows. */
  readonly mean: number | null
  /** Lowest and highest rating: as declared, or as observed. */
  readonly range: readonly [low: number, high: number]
  /** Whether they look like counts, such as play counts, rather than ratings on a scale. */
  readonly counts: boolean
  /** Number of ratings of each value or, with more than 20 values, in each of ten bins of equal width. */
  readonly histogram:
    | readonly { readonly value: number; readonly count: number }[]
    | readonly { readonly from: number; readonly to: number; readonly count: number }[]
}

/** The features of the items of a data set. */
export interface FeaturesInfo {
  /** Number of features. */
  readonly features: number
  /** Items of the catalogue that have a feature, with or without rows. */
  readonly items: number
  /** Pairs of an item of the catalogue and a feature that it has. */
  readonly pairs: number
}

/** Summary statistics of counts. */
export interface Summary {
  readonly min: number
  readonly median: number
  readonly mean: number
  readonly max: number
}
