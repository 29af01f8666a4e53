import { badArgument, checkCallback, checkKeys, keysOf } from '../arguments.ts'

/** What an export holds. */
export interface ExportOptions {
  /** Whether the best items of each user are written instead of vectors. Default: only where the model has no ranking vectors. */
  readonly lists?: boolean | undefined
  /** Length of these lists. Default 100. */
  readonly k?: number | undefined
  /** Whether the items that each user has interacted with are written too, so that queries can leave them out. Default true. */
  readonly seen?: boolean | undefined
  /** Called between batches of users. */
  readonly onProgress?: ((progress: ExportProgress) => void) | undefined
}

/** How far an export is. */
export interface ExportProgress {
  /** Users written. */
  readonly done: number
  /** Users in all. */
  readonly total: number
}

/** Options of exports as tables of a database. */
export interface TableExportOptions extends ExportOptions {
  /** How the names of all tables and functions begin. Default `tastespace`. */
  readonly prefix?: string | undefined
}

/** Options of an export to PostgreSQL. */
export interface PgvectorOptions extends TableExportOptions {
  /** Whether there is an HNSW index too, with a function that uses it: fast for large catalogues, but not exact. Default false. */
  readonly hnsw?: boolean | undefined
}

/** What was written. */
export interface ExportReport {
  /** Paths of the files. */
  readonly files: readonly string[]
  /** How the items are ranked: by inner product, by distance, or in lists made in advance. */
  readonly by: 'inner-product' | 'distance' | 'lists'
  /** Length of a vector; null for lists. */
  readonly dimension: number | null
  readonly users: number
  readonly items: number
  /** Whether the items that users have interacted with were written, or are left out of the lists. */
  readonly seen: boolean
}

const KEYS = { lists: true, k: true, seen: true, onProgress: true } as const
export const EXPORT_KEYS = keysOf<ExportOptions>(KEYS)
export const TABLE_KEYS = keysOf<TableExportOptions>({ ...KEYS, prefix: true })
export const PGVECTOR_KEYS = keysOf<PgvectorOptions>({ ...KEYS, prefix: true, hnsw: true })

/** Options with their defaults. */
export interface Checked {
  readonly lists: boolean
  readonly k: number
  readonly seen: boolean
  readonly onProgress: (progress: ExportProgress) => void
  readonly prefix: string
  readonly hnsw: boolean
}

/** Checks options and fills in the defaults. */
export function checkExport(where: string, options: PgvectorOptions, keys: readonly string[]): Checked {
  const {
    lists = false,
    k = 100,
    seen = true,
    onProgress,
    prefix = 'tastespace',
    hnsw = false,
  } = checkKeys(where, options, keys)
  for (const [name, value] of Object.entries({ lists, seen, hnsw })) {
    if (typeof value !== 'boolean') throw badArgument(where, name, value, 'true or false')
  }
  if (!Number.isInteger(k) || k < 1) throw badArgument(where, 'k', k, 'a whole number from 1')
  // Names of database objects are cut at 63 bytes.
  if (typeof prefix !== 'string' || !/^[a-z_][a-z0-9_]{0,31}$/.test(prefix)) {
    throw badArgument(where, 'prefix', prefix, 'a name of small letters, digits and _, at most 32, not a digit first')
  }
  return { lists, k, seen, onProgress: checkCallback(where, 'onProgress', onProgress) ?? (() => {}), prefix, hnsw }
}
