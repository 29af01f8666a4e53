import type { Handle } from '../engine/engine.ts'
import { Held, sameEngine } from '../engine/handle.ts'
import type { RemoteEngine } from '../engine/remote.ts'
import { TastespaceError } from '../errors.ts'
import { files, sharedEngine } from '../platform/platform.ts'
import { formatOf, gzipped, isGzip } from './file-name.ts'
import { type FilterOptions, sentFilter } from './filter.ts'
import { unpackTexts } from './ids.ts'
import { append, columnsOf, type Row, type RowColumns, sliced } from './rows.ts'
import { isSource, type Opened, open, type Source } from './source.ts'
import type { SplitOptions, SplitText } from './split.ts'
import type { SyntheticOptions } from './synthetic.ts'

/**
 * How a file may be laid out; each may be packed by gzip. `lists` are lines of a user and their items: if on every line the
 * first number equals the count of the rest, it is a count and the user is the line's number from 0; otherwise the first
 * token is the user.
 */
export const FORMATS = ['csv', 'tsv', 'double-colon', 'semicolon', 'pipe', 'spaces', 'lists', 'json-lines'] as const

/** How a file is laid out. */
export type Format = (typeof FORMATS)[number]

/** How a file is read. */
export interface ReadOptions {
  /** What messages call it. Default: the file's name. */
  readonly name?: string
  /** The format; default: recognised by content. */
  readonly format?: Format
  /** Names of the columns, or their numbers from 1 as text; default: recognised by their header, or by place. */
  readonly columns?: {
    readonly user?: string
    readonly item?: string
    readonly rating?: string
    readonly time?: string
  }
  /** Lowest and highest rating: others are refused, and predictions are clipped to it. Default: the observed range. */
  readonly ratingRange?: readonly [low: number, high: number]
  /** A side file with the items' titles and genres. */
  readonly items?: Source
  /** A side file with the items' features, such as tags: one-line lists. */
  readonly features?: Source | FeaturesSource
  /** Called as the file is read, with the bytes read so far. */
  readonly onProgress?: (bytes: number) => void
  /** The engine that it lives in. Default: the one that everything shares. */
  readonly engine?: RemoteEngine
}

/** A file of features and what its lines are. */
export interface FeaturesSource {
  readonly source: Source
  /**
   * What a line is of: an item, and its features follow, or a feature, and its items follow. If on every line the first
   * number equals the count of the rest, it is a count and the line is of the number of the line, from 0; otherwise the
   * first token says of what. Default item-rows.
   */
  readonly layout?: 'item-rows' | 'feature-rows'
  /** A file with a name a line, for features that are numbered from 0. */
  readonly names?: Source
}

/** How rows are taken that come as objects or columns. */
export type RowOptions = Pick<ReadOptions, 'ratingRange' | 'items' | 'features' | 'engine'>

/** What a data set holds. */
export interface DatasetInfo {
  readonly rows: number
  /** Users who have a row. */
  readonly users: number
  /** Items that have a row. */
  readonly items: number
  /** Rows per pair of those users and items, 0 to 1. */
  readonly density: number
  /** Rows that were dropped because a later row has the same user and item. */
  readonly duplicates: number
  /** Null where rows are plain choices. */
  readonly ratings: RatingsInfo | null
  /** First and last time, in seconds; null where there are no times. */
  readonly times: readonly [first: number, last: number] | null
  /** Null where the items have none. */
  readonly features: FeaturesInfo | null
  readonly rowsPerUser: Spread
  readonly rowsPerItem: Spread
}

/** The ratings of a data set. */
export interface RatingsInfo {
  /** Null where there is no row. */
  readonly mean: number | null
  /** Lowest and highest possible: as declared, or as observed. */
  readonly range: readonly [low: number, high: number]
  /** How many there are of each value or, where there are more than 20 values, in each of ten bins of one width. */
  readonly histogram:
    | readonly { readonly value: number; readonly count: number }[]
    | readonly { readonly from: number; readonly to: number; readonly count: number }[]
}

/** The features of a data set's items. */
export interface FeaturesInfo {
  /** How many there are. */
  readonly features: number
  /** Items of the catalogue that have any, rows or not. */
  readonly items: number
  /** Pairs of an item of the catalogue and a feature of it. */
  readonly pairs: number
}

/** How counts are spread. */
export interface Spread {
  readonly min: number
  readonly median: number
  readonly mean: number
  readonly max: number
}

/** How rows are written. */
export interface DatasetSaveOptions {
  /** Default: by the ending of the file's name. */
  readonly format?: 'csv' | 'json-lines'
  /** Whether to pack them. Default: by the ending. */
  readonly gzip?: boolean
}

/** The parts of a data set. They share one catalogue, and no row. */
export interface Parts {
  readonly train: Dataset
  /** Absent unless asked for. */
  readonly validation?: Dataset
  /** Absent where nothing is held out. */
  readonly test?: Dataset
  /** What is not test; absent where there is no validation part. */
  readonly trainAndValidation?: Dataset
  /** By user: what is known of the users of `validation`. */
  readonly validationGiven?: Dataset
  /** By user: what is known of the users of `test`. */
  readonly testGiven?: Dataset
}

/** Rows that cross to the engine in one message. */
const BATCH = 65_536

/** Who rated or chose what, and when. Lives in an engine; `dispose` frees it. */
export class Dataset extends Held {
  private constructor(engine: RemoteEngine, handle: Handle) {
    super(engine, handle)
  }

  /** Reads a file: CSV, TSV, MovieLens and the like, JSON lines, lists, packed by gzip or not, recognised by content. */
  static async fromFile(source: string | URL | Blob, options: ReadOptions = {}): Promise<Dataset> {
    return Dataset.#read(open(source), options)
  }

  /** Reads the bytes of a file, or its text. */
  static async fromBytes(bytes: Uint8Array | string, options: ReadOptions = {}): Promise<Dataset> {
    return Dataset.#read(open(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes), options)
  }

  /** Reads a stream of a file's bytes, no faster than they are taken in. */
  static async fromStream(
    stream: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>,
    options: ReadOptions = {},
  ): Promise<Dataset> {
    return Dataset.#read(open(stream), options)
  }

  /** Takes rows as objects. */
  static async fromRows(rows: Iterable<Row> | AsyncIterable<Row>, options: RowOptions = {}): Promise<Dataset> {
    return Dataset.#fill('rows', { file: 'rows' }, options, async (engine, handle) => {
      let batch: Row[] = []
      let before = 0
      const send = async () => {
        const columns = columnsOf(batch, before)
        before += batch.length
        batch = []
        await append(engine, handle, columns)
      }
      for await (const row of rows) if (batch.push(row) === BATCH) await send()
      if (batch.length > 0) await send()
    })
  }

  /** Takes rows as columns. */
  static async fromColumns(columns: RowColumns, options: RowOptions = {}): Promise<Dataset> {
    const rows = columns.user.length
    for (const name of ['item', 'rating', 'time'] as const) {
      const length = columns[name]?.length ?? rows
      if (length !== rows) {
        const message = `columns differ in length: user has ${rows} rows, ${name} has ${length}`
        throw new TastespaceError('data/bad-row', message, { column: name, rows, length })
      }
    }
    return Dataset.#fill('rows', { file: 'columns' }, options, async (engine, handle) => {
      for (let from = 0; from < rows; from += BATCH) await append(engine, handle, sliced(columns, from, from + BATCH))
    })
  }

  /** A generated data set in which tastes are planted, with titles and genres: the embedded data. */
  static async synthetic({ engine, ...options }: SyntheticOptions = {}): Promise<Dataset> {
    const chosen = engine ?? (await sharedEngine())
    return new Dataset(chosen, await chosen.call('synthesise', JSON.stringify(options)))
  }

  /**
   * The rows of a generated data set as CSV, piece by piece and none of them kept: any size, to a file by `writeFile`. They
   * are those that `synthetic` gives with the same options.
   */
  static async *syntheticCSV({ engine, ...options }: SyntheticOptions = {}): AsyncGenerator<Uint8Array> {
    const chosen = engine ?? (await sharedEngine())
    const handle = await chosen.call('createDataset', 'synthetic', JSON.stringify(options))
    try {
      for (;;) {
        const piece = await chosen.call('nextCsv', handle)
        if (piece.length === 0) return
        yield piece
      }
    } finally {
      if (chosen.alive) await chosen.call('dispose', handle)
    }
  }

  static #read(source: Opened, { onProgress, name = source.name, ...options }: ReadOptions): Promise<Dataset> {
    return Dataset.#fill('file', { file: name }, options, async (engine, handle) => {
      let bytes = 0
      for await (const chunk of source.chunks) {
        // Counted before the chunk is sent, which takes its buffer away.
        bytes += chunk.length
        await engine.call('append', handle, chunk)
        onProgress?.(bytes)
      }
    })
  }

  /** Makes a data set, fills it, and frees it if that fails. */
  static async #fill(
    from: 'file' | 'rows',
    named: { file: string },
    { engine, items, features, ...options }: ReadOptions,
    fill: (engine: RemoteEngine, handle: Handle) => Promise<void>,
  ): Promise<Dataset> {
    const chosen = engine ?? (await sharedEngine())
    const handle = await chosen.call('createDataset', from, JSON.stringify({ ...named, ...options }))
    try {
      await fill(chosen, handle)
      if (items !== undefined) await appendSide(chosen, handle, 'items', items)
      if (features !== undefined) {
        const { source, names, ...layout } = isSource(features) ? { source: features } : features
        await appendSide(chosen, handle, 'features', source, layout)
        if (names !== undefined) await appendSide(chosen, handle, 'featureNames', names)
      }
      await chosen.call('finish', handle)
      return new Dataset(chosen, handle)
    } catch (error) {
      if (chosen.alive) await chosen.call('dispose', handle)
      throw error
    }
  }

  /** Those of its rows that a filter lets through; the catalogue is that of these rows. */
  async filter(options: FilterOptions): Promise<Dataset> {
    const filtered = await this.engine.call('filter', this.handle, JSON.stringify(sentFilter(options)))
    return new Dataset(this.engine, filtered)
  }

  /** Cuts it into parts, by options or by a rule as text: `leave-one-out`, `per-user:0.6,0.2,0.2;min=5`. */
  async split(options: SplitOptions | SplitText): Promise<Parts> {
    let test: Handle | undefined
    let sent: object | string = options
    if (typeof options === 'object' && options.by === 'file') {
      sameEngine(this, options.test)
      test = options.test.handle
      sent = { ...options, test: undefined }
    }
    const handles: Record<keyof Parts, Handle | null> = JSON.parse(
      await this.engine.call('split', this.handle, JSON.stringify(sent), test),
    )
    const present = Object.entries(handles).flatMap(([name, handle]) =>
      handle === null ? [] : [[name, new Dataset(this.engine, handle)] as const],
    )
    return Object.fromEntries(present) as unknown as Parts
  }

  /** What is in it: counts, density, histogram of ratings, times. */
  async info(): Promise<DatasetInfo> {
    return JSON.parse(await this.engine.call('info', this.handle))
  }

  /** The users' outside ids, in the order of the engine's numbers. */
  async users(): Promise<string[]> {
    return unpackTexts(await this.engine.call('ids', this.handle, 'users'))
  }

  /** The items' outside ids, in the order of the engine's numbers. */
  async items(): Promise<string[]> {
    return unpackTexts(await this.engine.call('ids', this.handle, 'items'))
  }

  /** The items' titles, in the order of `items()`, empty for those without one; none at all if the data has no titles. */
  async titles(): Promise<string[]> {
    return unpackTexts(await this.engine.call('titles', this.handle))
  }

  /** The items' genres, in the order of `items()`; none at all if the data has no titles and genres. */
  async genres(): Promise<string[][]> {
    const joined = unpackTexts(await this.engine.call('genres', this.handle))
    return joined.map((genres) => (genres === '' ? [] : genres.split('|')))
  }

  /**
   * Writes its rows to a file, whole or not at all: as JSON lines if its name ends in `.jsonl` or `.ndjson`, else as CSV, and
   * packed by gzip if it ends in `.gz` after that.
   */
  async save(
    path: string | URL,
    { format = formatOf(path), gzip = isGzip(path) }: DatasetSaveOptions = {},
  ): Promise<void> {
    const text = format === 'csv' ? this.toCSV() : this.toJSONLines()
    await files().write(path, gzip ? gzipped(text) : text)
  }

  /** Its rows as CSV, piece by piece. */
  toCSV(): AsyncGenerator<Uint8Array> {
    return this.#pieces('csv')
  }

  /** Its rows as JSON lines, piece by piece. */
  toJSONLines(): AsyncGenerator<Uint8Array> {
    return this.#pieces('json-lines')
  }

  async *#pieces(format: 'csv' | 'json-lines'): AsyncGenerator<Uint8Array> {
    const { rows } = await this.info()
    for (let from = 0; from === 0 || from < rows; from += BATCH) {
      yield await this.engine.call('rowsAs', this.handle, format, from, Math.min(from + BATCH, rows))
    }
  }

  /** Titles and genres of all items as CSV, which `items` of the reading methods takes. */
  async itemsAsCSV(): Promise<Uint8Array> {
    return this.engine.call('itemsAsCsv', this.handle)
  }
}

/** Sends a side file to a data set that is being filled. */
async function appendSide(
  engine: RemoteEngine,
  dataset: Handle,
  side: 'items' | 'features' | 'featureNames',
  source: Source,
  options: object = {},
): Promise<void> {
  const { name, chunks } = open(source)
  const sent = JSON.stringify({ file: name, ...options })
  // Begun before it is read, so that an empty file is refused too.
  await engine.call('appendSide', dataset, side, sent, new Uint8Array())
  for await (const chunk of chunks) await engine.call('appendSide', dataset, side, sent, chunk)
}
