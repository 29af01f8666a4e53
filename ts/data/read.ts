import { badArgument, checkCallback, checkKeys, isRecord, jsonText, keysOf } from '../arguments.ts'
import type { DatasetPart } from '../engine/calls.ts'
import type { Engine } from '../engine/engine.ts'
import { Resource } from '../engine/handle.ts'
import { engineOf } from '../platform/platform.ts'
import type { FeaturesFields, ItemsFields, ReadFields } from './generated/options.ts'
import { isSource, open, type Source } from './source.ts'

/**
 * Formats of rating files, each with or without gzip or zip. `lists` has lines of a user and their items: if on every line
 * the first number equals the count of the others, it is a count and the user is the line's number from 0; otherwise the
 * first token is the user. `wide` is a matrix with a row per user and a column per item: the first column is the user unless
 * it is a count in the same way or, without a header, its values repeat; then the user is the row's number from 0. `blocks`
 * are those of the Netflix Prize: a line `item:`, then lines of user, rating, date.
 */
export const FORMATS = [
  'csv',
  'tsv',
  'double-colon',
  'semicolon',
  'pipe',
  'spaces',
  'lists',
  'json-lines',
  'json',
  'wide',
  'blocks',
  'matrix-market',
] as const

/** The format of a rating file. */
export type Format = (typeof FORMATS)[number]

/** How a file is read. */
export interface ReadOptions extends ReadFields {
  /** The name that messages use. Default: the name of the file. */
  readonly name?: string | undefined
  /** A side file with titles and genres of the items. */
  readonly items?: Source | ItemsSource | undefined
  /** A side file with features of the items, such as tags. */
  readonly features?: Source | FeaturesSource | undefined
  /** Called as the file is read, with the number of bytes read so far. */
  readonly onProgress?: ((bytes: number) => void) | undefined
  /** The engine that the data set lives in. Default: the shared engine. */
  readonly engine?: Engine | undefined
}

/** A file of titles and genres, and its columns. */
export interface ItemsSource extends ItemsFields {
  readonly source: Source
}

/**
 * A file of features and its layout. If on every line the first number equals the count of the others, it is a count and the
 * line's number from 0 is the item or feature; otherwise the first token is.
 */
export interface FeaturesSource extends FeaturesFields {
  readonly source: Source
  /** A file with one name a line, for features that are numbered from 0. */
  readonly names?: Source | undefined
}

/** How rows are read that are given as objects or columns. */
export type RowOptions = Pick<
  ReadOptions,
  'ratingRange' | 'badRows' | 'missing' | 'timeUnit' | 'duplicates' | 'items' | 'features' | 'engine'
>

export const ROW_KEYS = keysOf<RowOptions>({
  ratingRange: true,
  badRows: true,
  missing: true,
  timeUnit: true,
  duplicates: true,
  items: true,
  features: true,
  engine: true,
})

export const READ_KEYS = keysOf<ReadOptions>({
  format: true,
  columns: true,
  encoding: true,
  timeUnit: true,
  dateOrder: true,
  badRows: true,
  missing: true,
  oneUser: true,
  ratingRange: true,
  duplicates: true,
  name: true,
  items: true,
  features: true,
  onProgress: true,
  engine: true,
})

export const FEATURES_KEYS = keysOf<FeaturesSource>({ source: true, layout: true, names: true, encoding: true })

const ITEMS_KEYS = keysOf<ItemsSource>({ source: true, format: true, columns: true, encoding: true })

/** Refuses the options of a file that are none, and returns them. */
export function checkReadKeys(where: string, options: ReadOptions): ReadOptions {
  checkNames(where, checkKeys(where, options, READ_KEYS))
  return options
}

/** Refuses a name that is no text, and names of columns that are no object. */
export function checkNames(where: string, { name, columns }: Pick<ReadOptions, 'name' | 'columns'>): void {
  checkName(where, name)
  checkColumnNames(where, columns, "{ user: 'buyer', item: 'sku' }")
}

/** Refuses a name that is no text. */
export function checkName(where: string, name: unknown): void {
  if (name !== undefined && typeof name !== 'string') throw badArgument(where, 'name', name, 'a text')
}

/** Refuses names of columns that are no object. The engine checks the names. */
function checkColumnNames(where: string, columns: unknown, accepted: string): void {
  if (columns === undefined || columns === null || isRecord(columns)) return
  throw badArgument(where, 'columns', columns, `an object of names such as ${accepted}`)
}

/** Creates a data set in an engine and fills it. It is freed where that fails. */
export async function filled(
  where: string,
  from: 'file' | 'rows' | 'table',
  file: string,
  { engine, items, features, onProgress, ...options }: ReadOptions & { readonly unread?: readonly string[] },
  fill: (resource: Resource, onProgress: ((bytes: number) => void) | undefined) => Promise<void>,
): Promise<Resource> {
  checkCallback(where, 'onProgress', onProgress)
  const client = await engineOf(engine)
  const handle = await client.call('createDataset', from, jsonText(where, { file, ...options }))
  const resource = new Resource(client, handle)
  try {
    await fill(resource, onProgress)
    // Side files have the encoding of the ratings, unless they have one of their own.
    const { encoding } = options
    if (items !== undefined) {
      const { source, ...read }: ItemsSource = isSource(items)
        ? { source: items }
        : checkKeys<ItemsSource>(`${where} items`, items, ITEMS_KEYS)
      checkColumnNames(`${where} items`, read.columns, "{ item: 'sku', title: 'name' }")
      await appendSide(resource, where, 'items', source, { encoding, ...read })
    }
    if (features !== undefined) {
      const { source, names, ...layout } = isSource(features)
        ? { source: features }
        : checkKeys<FeaturesSource>(`${where} features`, features, FEATURES_KEYS)
      await appendSide(resource, where, 'features', source, { encoding, ...layout })
      if (names !== undefined) await appendSide(resource, where, 'feature-names', names, { encoding, ...layout })
    }
    await client.call('finish', handle)
    return resource
  } catch (error) {
    resource.free()
    throw error
  }
}

/** Sends a side file to a data set that is being filled. */
async function appendSide(
  { client, handle }: Resource,
  where: string,
  part: DatasetPart,
  source: Source,
  options: object = {},
): Promise<void> {
  const { name, chunks } = open(where, source, part)
  const sent = jsonText(`${where} ${part}`, { file: name, ...options })
  // Started before the first bytes, so that an empty file is refused too.
  await client.call('append', handle, part, new Uint8Array(), sent)
  for await (const chunk of chunks) await client.call('append', handle, part, chunk, sent)
}
