import type { AnyModel, Dataset, DatasetInfo, ErrorData, Parts, ReadOptions } from 'tastespace'

/** The data that models learn from. */
export interface Data {
  readonly name: string
  /** What it was read from: nothing for the embedded set. */
  readonly files: Files | undefined
  /** SHA-256 of the file in hexadecimal; undefined for the embedded set, for large files, and in pages that are not secure. */
  readonly hash: string | undefined
  readonly dataset: Dataset
  readonly info: DatasetInfo
  /** Ids, titles (or ids again) and genres of the items, in the order of the data set. */
  readonly items: readonly string[]
  readonly titles: readonly string[]
  readonly genres: readonly (readonly string[])[]
  readonly users: readonly string[]
  /** Number of interactions of each item and each user. */
  readonly rowsPerItem: Uint32Array
  readonly rowsPerUser: Uint32Array
  readonly split: string
  readonly parts: Parts
  /** Popularity, fitted to all rows: it has the histories, finds titles and matches exports. */
  readonly everything: AnyModel
}

export interface Files {
  readonly ratings: Blob
  readonly ratingsName: string
  /** Titles and genres. */
  readonly items?: File
  readonly columns?: Readonly<Record<string, string>>
  readonly layout?: Layout
  /** Names of files that were chosen with these and are not read. */
  readonly unread?: readonly string[]
}

/** How the file of interactions is read, where the visitor decides it. */
export type Layout = Pick<ReadOptions, 'badRows' | 'encoding' | 'format' | 'missing'>

/** A column that can be chosen: its name or number, and its first value where it has no name. */
export interface Column {
  readonly name: string
  readonly label: string
}

/** A file whose columns the visitor names. */
export interface Unnamed {
  readonly files: Files
  readonly split: string | undefined
  readonly columns: readonly Column[]
  /** How it is read as a matrix, where it may be one. */
  readonly matrix: Layout | undefined
}

/** An error, and what the page offers against it. */
export interface Problem extends ErrorData {
  readonly remedy?: { readonly label: string; readonly apply: () => void } | undefined
  /** Reads the file by another encoding, and the one that was chosen before. */
  readonly encoding?: { readonly chosen: string | undefined; readonly apply: (encoding: string | undefined) => void }
}

/** Reading, while it lasts. */
export interface Reading {
  readonly name: string
  readonly step: string
  readonly bytes: number
  readonly total: number
  readonly cancel: () => void
}

/** Number of items with a title of their own. */
export const titled = ({ titles, items }: Data) => titles.filter((title, place) => title !== items[place]).length
