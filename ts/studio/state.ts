// The whole state of the page, in one object. The console of the browser shows it as `studio`.
import { signal } from '@preact/signals'
import type {
  AnyModel,
  Capabilities,
  Dataset,
  DatasetInfo,
  Description,
  Engine,
  ErrorData,
  Kind,
  Parts,
} from 'tastespace'
import type { Recipe } from './take/recipe.ts'
import type { Run } from './train/run.ts'

export const TABS = ['data', 'train', 'map', 'inside', 'you', 'take'] as const
export type Tab = (typeof TABS)[number]

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
  readonly items?: Blob
  readonly columns?: Readonly<Record<string, string>>
}

/** Reading, while it lasts. */
export interface Reading {
  readonly name: string
  readonly step: string
  readonly bytes: number
  readonly total: number
  readonly cancel: () => void
}

/** An item of the visitor's own list. Without a rating it is liked. */
export interface Liked {
  readonly item: string
  readonly title: string
  readonly rating?: number
}

/** What the next training is asked for. */
export interface Form {
  readonly kind: Kind
  readonly options: Readonly<Record<string, unknown>>
  readonly seed: number
  /** Undefined: until the validation part gets no better. */
  readonly epochs: number | undefined
}

export const state = {
  tab: signal<Tab>('data'),
  engine: signal<Engine | undefined>(undefined),
  capabilities: signal<Capabilities | undefined>(undefined),
  description: signal<Description | undefined>(undefined),
  data: signal<Data | undefined>(undefined),
  reading: signal<Reading | undefined>(undefined),
  /** The last thing that failed, as the library says it. */
  problem: signal<ErrorData | undefined>(undefined),
  form: signal<Form>({ kind: 'cml', options: {}, seed: 0, epochs: undefined }),
  runs: signal<readonly Run[]>([]),
  /** The run that the map, the insides and the lists show. */
  chosen: signal<number | undefined>(undefined),
  /** The user of the data set that is looked at. */
  user: signal<string | undefined>(undefined),
  /** The items that are selected on the map. */
  selected: signal<readonly string[]>([]),
  liked: signal<readonly Liked[]>([]),
  /** What a link asked for, until it is trained. */
  recipe: signal<Recipe | undefined>(undefined),
}

declare global {
  var studio: typeof state
}
globalThis.studio = state
