import { badArgument, checkKeys, checkOptions, checkPath, jsonText, keysOf, optionsText } from '../arguments.ts'
import type { Handle } from '../engine/calls.ts'
import { ask, type Client, checkSameEngine, EngineObject, Resource, resourceOf } from '../engine/handle.ts'
import { TastespaceError } from '../errors.ts'
import { engineOf, files } from '../platform/platform.ts'
import { isBytes } from '../realm.ts'
import { formatOf, gzipped, isGzip } from './file-name.ts'
import { type FilterOptions, sentFilter } from './filter.ts'
import type { FileSplitFields } from './generated/options.ts'
import { unpackTexts } from './ids.ts'
import type { DatasetInfo } from './info.ts'
import { checkReadKeys, filled, type ReadOptions, ROW_KEYS, type RowOptions } from './read.ts'
import {
  type Columns,
  checkColumns,
  columnsOf,
  packRows,
  type Row,
  type RowColumns,
  type RowRules,
  sliced,
} from './rows.ts'
import { type Opened, open } from './source.ts'
import type { HasTest, HasValidation, SplitRule, SplitText, TextSplit } from './split.ts'
import { SYNTHETIC_KEYS, type SyntheticOptions } from './synthetic.ts'
import { type ArrowTable, isArrowTable, notArrow, openArrow, openArrowTable } from './tables/arrow.ts'
import { closedOnError, openParquetWith, openQuery, seekableOnly, tableFormatOf } from './tables/open.ts'
import type { ParquetOptions, QueryOptions } from './tables/options.ts'
import type { SeekableSource } from './tables/random-access.ts'
import { checkTableKeys, fromTable, type TableOptions } from './tables/table.ts'

/** A data set as the test part: the catalogue becomes the union of both. */
export interface FileSplit extends FileSplitFields {
  readonly test: Dataset
}

/**
 * How a data set is split. Options that are left out take their defaults. `by` is a rule, or a rule with its numbers as text,
 * as on the command line: `{ by: 'random:0.2', validation: true }`.
 */
export type SplitOptions = SplitRule | FileSplit | TextSplit

/** The parts of a data set. They share one catalogue, and no row is in two of train, validation and test. */
export interface Parts {
  readonly train: Dataset
  /** Absent unless a validation part was asked for. */
  readonly validation?: Dataset
  /** Absent where nothing is held out for test. */
  readonly test?: Dataset
  /** All rows outside the test part; absent where there is no validation part. */
  readonly trainAndValidation?: Dataset
  /** Of a split by user: the given rows of the users of `validation`. */
  readonly validationGiven?: Dataset
  /** Of a split by user: the given rows of the users of `test`. */
  readonly testGiven?: Dataset
}

/** The parts of a split, of which those that it asks for are certainly there. */
export type PartsOf<Split> = Parts &
  (HasTest<Split> extends true ? { readonly test: Dataset } : unknown) &
  (HasValidation<Split> extends true ? { readonly validation: Dataset; readonly trainAndValidation: Dataset } : unknown)

/** How rows are written. */
export interface DatasetSaveOptions {
  /** Default: by the ending of the file name. */
  readonly format?: 'csv' | 'json-lines' | undefined
  /** Whether to compress. Default: by the ending of the file name. */
  readonly gzip?: boolean | undefined
}

const SAVE_KEYS = keysOf<DatasetSaveOptions>({ format: true, gzip: true })

/** How data sets become one. */
export interface ConcatOptions {
  /** What becomes of several rows with the same user and item, as in reading: default `last`, by time and then by order. */
  readonly duplicates?: ReadOptions['duplicates']
}

const CONCAT_KEYS = keysOf<ConcatOptions>({ duplicates: true })

/** A copy of a data set in another engine, with the same indices and without titles: it trains to the same bits. */
export let copyTo: (client: Client, data: Dataset) => Promise<Dataset>

/** Rows in one message to the engine. */
const BATCH = 65_536

/**
 * Ratings, or interactions without ratings, of users and items, perhaps with times. Lives in an engine; `dispose` frees it.
 *
 * @example
 * const data = await Dataset.fromFile('ratings.csv')
 * const { rows, users, items } = await data.info()
 * const { train, test } = await data.split({ by: 'leave-one-out' })
 */
export class Dataset extends EngineObject {
  static {
    copyTo = async (client, data) =>
      new Dataset(new Resource(client, await client.call('unpack', await ask(data, 'pack'))))
  }

  /**
   * Reads a file: CSV and its relatives, MovieLens and Netflix formats, JSON, lists, matrices, MatrixMarket, with or without
   * gzip or zip, Parquet or Arrow, recognised by content. `info()` describes how it was understood.
   *
   * @example
   * const data = await Dataset.fromFile('ratings.csv', { ratingRange: [1, 5], items: 'movies.csv' })
   *
   * @throws `file/not-found` and other `file/…` codes, `data/…` codes with file, line and column of what is wrong
   */
  static async fromFile(source: string | URL | Blob, options: ReadOptions = {}): Promise<Dataset> {
    const inAnyOrder = typeof source === 'string' || source instanceof URL || source instanceof Blob
    const table = inAnyOrder ? await Dataset.#table('fromFile', source, options) : undefined
    return table ?? Dataset.#read('fromFile', () => open('fromFile', source), options)
  }

  /**
   * Reads a Parquet file, a row group at a time: by a path with DuckDB, where `@duckdb/node-api` is installed, otherwise with
   * `hyparquet` and `hyparquet-compressors`, which are installed separately. Ids are integers of any width or texts,
   * ratings numbers or booleans (1 and 0), times numbers of seconds, timestamps or dates.
   *
   * @example
   * const data = await Dataset.fromParquet('ratings.parquet', { columns: { user: 'reviewer', time: 'none' } })
   *
   * @throws `package/missing` with what to install, `data/missing-column`, `data/bad-column`, `data/bad-row` with the row and column
   * of a null, `data/bad-parquet`, `file/…` codes
   */
  static async fromParquet(source: SeekableSource, options: ParquetOptions = {}): Promise<Dataset> {
    const { library, ...rest } = checkOptions('fromParquet', options)
    return new Dataset(await fromTable('fromParquet', () => openParquetWith('fromParquet', source, library), rest))
  }

  /**
   * Reads an Arrow table: one of `apache-arrow` in memory, or the bytes, path or Blob of an Arrow file (Feather) or stream, which
   * need `apache-arrow` to be installed, and `lz4js` or `hyparquet-compressors` where they are compressed by LZ4 or Zstandard.
   *
   * @example
   * const data = await Dataset.fromArrow(tableFromArrays({ user: ['alice', 'bob'], item: [1, 1], rating: [5, 2] }))
   *
   * @throws `package/missing` with what to install, `data/missing-column`, `data/bad-column`, `data/bad-row` with the row and column
   * of a null, `data/bad-arrow`, `file/…` codes
   */
  static async fromArrow(source: ArrowTable | SeekableSource, options: TableOptions = {}): Promise<Dataset> {
    const opening = async () => {
      if (isArrowTable(source)) return openArrowTable(source)
      if (typeof source === 'object' && source !== null && 'schema' in source) throw notArrow(source)
      const file = await seekableOnly('fromArrow', source)
      return closedOnError(file, () => openArrow(file))
    }
    return new Dataset(await fromTable('fromArrow', opening, options))
  }

  /**
   * Takes the rows of a query that DuckDB runs, chunk by chunk: over Parquet, CSV or JSON files, or over the tables of a DuckDB
   * database. Only in Node, with `@duckdb/node-api` installed.
   *
   * @example
   * const data = await Dataset.fromSQL("select user, item, rating, time from 'ratings/*.parquet' where rating >= 4")
   *
   * @throws `package/missing`, `sql/failed` with DuckDB's message, `sql/not-a-query`, `sql/bad-database`, `sql/no-database` in
   * browsers, `data/missing-column`, `data/bad-column`, `data/bad-row`
   */
  static async fromSQL(query: string, options: QueryOptions = {}): Promise<Dataset> {
    if (typeof query !== 'string' || query.trim() === '') throw badArgument('fromSQL', 'query', query, 'a query in SQL')
    const { database, ...rest } = checkOptions('fromSQL', options)
    if (database !== undefined) checkPath('fromSQL', database)
    return new Dataset(await fromTable('fromSQL', () => openQuery(query, database), rest))
  }

  /**
   * Reads the bytes of a file, or its text.
   *
   * @example
   * const data = await Dataset.fromBytes('user,item,rating\nalice,matrix,5\nbob,matrix,2\n')
   *
   * @throws `data/…` codes with line and column of what is wrong
   */
  static async fromBytes(bytes: Uint8Array | string, options: ReadOptions = {}): Promise<Dataset> {
    const given = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes
    if (!isBytes(given)) throw badArgument('fromBytes', 'bytes', bytes, 'a Uint8Array or text')
    const table = given === bytes ? await Dataset.#table('fromBytes', given, options) : undefined
    return table ?? Dataset.#read('fromBytes', () => open('fromBytes', given), options)
  }

  /**
   * Reads the bytes of a file from a stream, no faster than they are processed.
   *
   * @example
   * const { body } = await fetch('https://example.org/ratings.csv')
   * const data = await Dataset.fromStream(body)
   *
   * @throws `data/…` codes with line and column of what is wrong
   */
  static fromStream(
    stream: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>,
    options: ReadOptions = {},
  ): Promise<Dataset> {
    return Dataset.#read('fromStream', () => open('fromStream', stream, 'stream'), options).catch((error: unknown) => {
      throw ofStream(error)
    })
  }

  /**
   * Makes a data set of rows as objects.
   *
   * @example
   * const data = await Dataset.fromRows([
   *   { user: 'alice', item: 'matrix', rating: 5 },
   *   { user: 'bob', item: 'matrix', rating: 2 },
   * ])
   *
   * @throws `config/unknown-key`, `data/bad-id`, `data/mixed-rows` and other `data/…` codes
   */
  static async fromRows(rows: Iterable<Row> | AsyncIterable<Row>, options: RowOptions = {}): Promise<Dataset> {
    const iterable =
      typeof rows === 'object' && rows !== null && (Symbol.iterator in rows || Symbol.asyncIterator in rows)
    if (!iterable) throw badArgument('fromRows', 'rows', rows, 'an array or a stream of rows')
    checkKeys('fromRows', options, ROW_KEYS)
    const resource = await filled('fromRows', 'rows', 'rows', options, async (resource) => {
      let batch: Row[] = []
      let before = 0
      const has = {}
      const send = async () => {
        const rules = { where: 'fromRows', skip: options.badRows === 'skip', before, has }
        const columns = columnsOf(batch, rules)
        before += batch.length
        batch = []
        await appendRows(resource, columns, rules)
      }
      for await (const row of rows) if (batch.push(row) === BATCH) await send()
      if (batch.length > 0) await send()
    })
    return new Dataset(resource)
  }

  /**
   * Makes a data set of columns.
   *
   * @example
   * const data = await Dataset.fromColumns({ user: ['alice', 'bob'], item: [1, 1], rating: new Float32Array([5, 2]) })
   *
   * @throws `data/bad-row` for columns that differ in length, `config/unknown-key`, `data/bad-id` and other `data/…` codes
   */
  static async fromColumns(columns: RowColumns, options: RowOptions = {}): Promise<Dataset> {
    const rows = checkColumns(columns)
    checkKeys('fromColumns', options, ROW_KEYS)
    const resource = await filled('fromColumns', 'rows', 'columns', options, async (resource) => {
      const has = {}
      for (let from = 0; from < rows; from += BATCH) {
        const rules = { where: 'fromColumns', skip: options.badRows === 'skip', before: from, has }
        await appendRows(resource, sliced(columns, from, from + BATCH), rules)
      }
    })
    return new Dataset(resource)
  }

  /**
   * Generates a data set with planted tastes, titles and genres, which models can learn.
   *
   * @example
   * const data = await Dataset.synthetic({ users: 500, items: 200, ratings: 20_000, seed: 1 })
   *
   * @throws `config/…` for invalid options
   */
  static async synthetic(options: SyntheticOptions = {}): Promise<Dataset> {
    const resource = await generator('synthetic', options)
    await resource.client.call('finish', resource.handle)
    return new Dataset(resource)
  }

  /**
   * The rows of a generated data set as CSV in pieces, which are not kept: it can be of any size. They are the rows of
   * `synthetic` with the same options.
   *
   * @example
   * await writeFile('generated.csv', Dataset.syntheticCSV({ ratings: 10_000_000 }))
   *
   * @throws `config/…` for invalid options
   */
  static async *syntheticCSV(options: SyntheticOptions = {}): AsyncGenerator<Uint8Array> {
    const resource = await generator('syntheticCSV', options)
    try {
      for (;;) {
        const piece = await resource.client.call('write', resource.handle, 'csv', 0, 0)
        if (piece.length === 0) return
        yield piece
      }
    } finally {
      resource.free()
    }
  }

  /** The data set of a Parquet or an Arrow file, recognised by its first bytes unless a format is given. */
  static async #table(where: string, source: SeekableSource, options: ReadOptions): Promise<Dataset | undefined> {
    if (checkOptions(where, options).format !== undefined) return undefined
    const table = await tableFormatOf(where, source)
    if (table === undefined) return undefined
    checkTableKeys(where, table, options)
    return table === 'parquet' ? Dataset.fromParquet(source, options) : Dataset.fromArrow(source, options)
  }

  static async #read(where: string, opened: () => Opened, options: ReadOptions): Promise<Dataset> {
    const { name, ...rest } = checkReadKeys(where, options)
    const source = opened()
    const resource = await filled(where, 'file', name ?? source.name, rest, async ({ client, handle }, onProgress) => {
      let bytes = 0
      for await (const chunk of source.chunks) {
        bytes += chunk.length
        await client.call('append', handle, 'file', chunk, '')
        onProgress?.(bytes)
      }
    })
    return new Dataset(resource)
  }

  /**
   * The rows of several data sets as one, such as those of a month and of the day after it. Users, items, titles and features
   * are those of all; where two differ about an item, the later counts. All need ratings, or none; likewise times.
   *
   * @example
   * const all = await Dataset.concat([data, today])
   *
   * @throws `config/bad-argument`, `engine/mismatch`, `data/columns-differ`
   */
  static async concat(datasets: readonly Dataset[], options: ConcatOptions = {}): Promise<Dataset> {
    const [first]: readonly (Dataset | undefined)[] = Array.isArray(datasets) ? datasets : []
    if (!first || !datasets.every((data) => data instanceof Dataset)) {
      throw badArgument('concat', 'datasets', datasets, 'an array of at least one Dataset')
    }
    for (const data of datasets) checkSameEngine(first, data)
    const handles = Uint32Array.from(datasets, (data) => resourceOf(data).handle)
    const { client } = resourceOf(first)
    const handle = await client.call('concat', handles, jsonText('concat', checkKeys('concat', options, CONCAT_KEYS)))
    return new Dataset(new Resource(client, handle))
  }

  /**
   * The rows that pass a filter, as a new data set. Its catalogue has the users and items of these rows.
   *
   * @example
   * const recent = await data.filter({ from: '2015-01-01', positiveThreshold: 4, core: 5 })
   *
   * @throws `config/…` for invalid options, `data/nothing-left`
   */
  async filter(options: FilterOptions): Promise<Dataset> {
    const sent = jsonText('filter', sentFilter(checkOptions('filter', options)))
    const handle = await ask(this, 'filter', sent)
    return new Dataset(new Resource(resourceOf(this).client, handle))
  }

  /**
   * Splits it into parts for training, validation and test, by options or by a rule as text.
   *
   * @example
   * const { train, validation, test } = await data.split({ by: 'leave-one-out', validation: true })
   * const parts = await data.split('per-user:0.6,0.2,0.2;min=5')
   *
   * @throws `config/…` for invalid options, `split/too-few-rows` where a part would be empty
   */
  async split<const Split extends SplitOptions | SplitText>(options: Split): Promise<PartsOf<Split>>
  async split(options: SplitOptions | SplitText): Promise<Parts> {
    let test: Handle | undefined
    let sent: object | string = options
    if (typeof options !== 'string') checkOptions('split', options)
    if (typeof options !== 'string' && options.by === 'file') {
      const { test: data, ...rest } = options
      if (!(data instanceof Dataset)) throw badArgument('split', 'test', data, 'a Dataset')
      checkSameEngine(this, data)
      test = resourceOf(data).handle
      sent = rest
    }
    const { client } = resourceOf(this)
    const handles: Record<keyof Parts, Handle | null> & { readonly train: Handle } = JSON.parse(
      await ask(this, 'split', jsonText('split', sent), test),
    )
    const dataset = (handle: Handle) => new Dataset(new Resource(client, handle))
    const part = (name: keyof Parts) => {
      const handle = handles[name]
      return handle === null ? {} : { [name]: dataset(handle) }
    }
    return {
      train: dataset(handles.train),
      ...part('validation'),
      ...part('test'),
      ...part('trainAndValidation'),
      ...part('validationGiven'),
      ...part('testGiven'),
    }
  }

  /** Counts, density, ratings and times. */
  async info(): Promise<DatasetInfo> {
    return JSON.parse(await ask(this, 'info'))
  }

  /** Ids of the users, in the order of their indices. */
  async userIds(): Promise<string[]> {
    return unpackTexts(await ask(this, 'names', 'users'))
  }

  /** Ids of the items, in the order of their indices. */
  async itemIds(): Promise<string[]> {
    return unpackTexts(await ask(this, 'names', 'items'))
  }

  /** Titles in the order of `itemIds()`, empty text for an item without one; an empty list if there are no titles. */
  async itemTitles(): Promise<string[]> {
    return unpackTexts(await ask(this, 'names', 'titles'))
  }

  /** Genres in the order of `itemIds()`; an empty list if there are no titles and genres. */
  async itemGenres(): Promise<string[][]> {
    const joined = unpackTexts(await ask(this, 'names', 'genres'))
    return joined.map((genres) => (genres === '' ? [] : genres.split('|')))
  }

  /**
   * Writes its rows to a file, completely or not at all: as JSON lines if the name ends in `.jsonl` or `.ndjson`, else as
   * CSV, and compressed if it ends in `.gz` after that.
   *
   * @example
   * await data.save('ratings.csv.gz')
   *
   * @throws `file/disk-full`, `file/no-access` and other `file/…` codes; `file/no-file-system` in browsers
   */
  async save(path: string | URL, options: DatasetSaveOptions = {}): Promise<void> {
    checkPath('save', path)
    const { format = formatOf(path), gzip = isGzip(path) } = checkKeys('save', options, SAVE_KEYS)
    if (format !== 'csv' && format !== 'json-lines')
      throw badArgument('save', 'format', format, "'csv' or 'json-lines'")
    if (typeof gzip !== 'boolean') throw badArgument('save', 'gzip', gzip, 'true or false')
    const text = this.#pieces(format)
    await files().write(path, gzip ? gzipped(text) : text)
  }

  /** Its rows as CSV, in pieces. */
  toCSV(): AsyncGenerator<Uint8Array> {
    return this.#pieces('csv')
  }

  /** Its rows as JSON lines, in pieces. */
  toJSONLines(): AsyncGenerator<Uint8Array> {
    return this.#pieces('json-lines')
  }

  async *#pieces(format: 'csv' | 'json-lines'): AsyncGenerator<Uint8Array> {
    const { rows } = await this.info()
    for (let from = 0; from === 0 || from < rows; from += BATCH) {
      yield await ask(this, 'write', format, from, Math.min(from + BATCH, rows))
    }
  }

  /** Titles and genres of all items as CSV, which the reading methods take as `items`. */
  async itemsAsCSV(): Promise<Uint8Array> {
    return ask(this, 'write', 'items', 0, 0)
  }
}

/** The error of a stream, with advice where it is a table. */
function ofStream(error: unknown): unknown {
  const table = error instanceof TastespaceError && / (Parquet|Arrow) file/.test(String(error.details.looksLike))
  if (!table) return error
  const { code, message, details } = error
  return new TastespaceError(
    code,
    `${message}; a table is read in any order: give a path, a Blob or its bytes`,
    details,
  )
}

async function appendRows({ client, handle }: Resource, columns: Columns, rules: RowRules): Promise<void> {
  await client.call('append', handle, 'rows', packRows(columns, rules), '')
}

/** A synthetic data set that is not finished. */
async function generator(where: string, options: SyntheticOptions): Promise<Resource> {
  const { engine, ...rest } = checkKeys(where, options, SYNTHETIC_KEYS)
  const client = await engineOf(engine)
  return new Resource(client, await client.call('createDataset', 'synthetic', optionsText(where, rest)))
}
