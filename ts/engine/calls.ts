/**
 * The calls of the engine, declared once. The WASM module exports them under these names, the worker answers messages named
 * by them, and the client's methods are derived from them.
 *
 * Handles are numbers, options and reports are JSON text, and numbers are typed arrays that are copied in and out. An
 * unknown word is refused with the code `engine/unknown-word`.
 */
export interface EngineCalls {
  /** The engine's version and every registered model: kind, options with defaults and ranges, capabilities. */
  describe(): string
  /** Memory and handles, as `EngineUsage`. */
  usage(): string
  /** Validates options without computing anything. Returns them with their defaults filled in, or null. */
  check(what: Checked, kind: string | undefined, options: string): string

  /**
   * The columns of a table by meaning: JSON `{ user, item, rating?, time?, unread }` of names. `names` is a JSON list.
   * Options: `{ file, columns? }`.
   */
  columnsOf(names: string, options: string): string
  /**
   * Starts a data set. Options of a file, of rows and of a table: `{ file, format?, columns?, ratingRange? }`. A table gets
   * rows too; its errors name the file and its columns. A synthetic one is either kept, by `finish`, or written piece by
   * piece, by `write`.
   */
  createDataset(from: 'file' | 'rows' | 'table' | 'synthetic', options: string): Handle
  /**
   * Appends to a data set: bytes of its file, rows, or bytes of a side file about its items. The options of a side file
   * count with its first bytes: `{ file }`, of features also `{ layout }`.
   */
  append(dataset: Handle, part: DatasetPart, content: Uint8Array | Rows, options: string): void
  /** Ends a data set. Where its content turns out to be invalid, the handle is gone. */
  finish(dataset: Handle): void
  /**
   * Parts of a data set as JSON `{ train, validation, test, trainAndValidation, validationGiven, testGiven }`, each a
   * handle or null. `test` holds the test rows where the split is by file.
   */
  split(dataset: Handle, options: string, test: Handle | undefined): string
  /** One person's history in the bytes of an export, as JSON `{ service, scale, rows }`. */
  readHistory(file: string, bytes: Uint8Array): string
  /** A data set of the rows that pass a filter. Options: `{ from, until, positiveThreshold, core }`. */
  filter(dataset: Handle, options: string): Handle
  /** A data set of the rows of several, one after the other. Options: `{ duplicates }`. */
  concat(datasets: Uint32Array, options: string): Handle
  /** A data set as bytes for another engine, where it has the same indices; without titles and genres. */
  pack(dataset: Handle): Uint8Array
  /** The data set in the bytes of `pack`. */
  unpack(bytes: Uint8Array): Handle
  /**
   * The rows `from..to` as text, CSV with a header where `from` is 0; or titles and genres of the items as CSV. Of a
   * synthetic data set that is not finished, the next rows as CSV, and nothing at the end.
   */
  write(dataset: Handle, format: 'csv' | 'json-lines' | 'items', from: number, to: number): Uint8Array

  /** A model of a kind with its options, not yet fitted. */
  createModel(kind: string, options: string): Handle
  /**
   * Starts training: checks the data and the memory that it takes. `given` holds interactions of users of `validation` whom
   * `train` does not have. With `resume` it continues from the trained parameters. Options: `{ seed, metric }`.
   */
  beginFit(
    model: Handle,
    train: Handle,
    validation: Handle | undefined,
    given: Handle | undefined,
    resume: boolean,
    options: string,
  ): void
  /** Trains one epoch and returns its report. The model answers from it at once. */
  trainEpoch(model: Handle): string
  /** Ends training: keeps the best epoch, or restores the model as it was before training. */
  endFit(model: Handle, keep: boolean): void

  /** Predictions for pairs of outside ids, NaN for a skipped pair. Options: `{ unknown }`. */
  predict(model: Handle, users: Texts, items: Texts, options: string): Float32Array
  /** A ranked list for each query. Options of users and histories: `{ k, seen, exclude, candidates, unknown }`, else `{ k, unknown }`. */
  rank(
    model: Handle,
    by: 'users' | 'histories' | 'similar-items' | 'similar-users',
    asked: Asked,
    options: string,
  ): Ranked
  /** Why items have their scores for users: a JSON list with an explanation for each pair. */
  explain(model: Handle, users: Texts, items: Texts): string
  /** Why items have their scores for a new user with a history: a JSON list with an explanation for each item. */
  explainFor(model: Handle, history: Asked, items: Texts): string
  /** The slots of a model's memory as JSON. Options: `{ k }`. */
  slots(model: Handle, options: string): string
  /**
   * Metrics on a data set. `given` holds interactions that fold in users whom the model does not know; items of the rows
   * in `exclude` are not ranked for their users. Options: `{ k, negatives, metrics, seed, perUser }`.
   */
  evaluate(
    model: Handle,
    test: Handle,
    given: Handle | undefined,
    exclude: Handle | undefined,
    options: string,
  ): Measured
  /**
   * Resamples values of users, `(runs, metrics, users)`, with the test rows of each user. Intervals are `(estimate, low,
   * high)` of each metric; paired tests against `others` are `(difference, p)`. Options: `{ metrics, runs, level, resamples,
   * seed }`.
   */
  resample(
    by: 'intervals' | 'paired-tests',
    values: Float64Array,
    others: Float64Array,
    rows: Uint32Array,
    options: string,
  ): Float64Array
  /** The embeddings of the users or items of a model, in the order of their indices. */
  vectors(model: Handle, of: 'users' | 'items'): Vectors
  /** Vectors by which items are ranked: of the users or items with indices `from..to`. */
  rankingVectors(model: Handle, of: 'users' | 'items', from: number, to: number): RankingPart
  /** The items that each user has seen, which are not recommended. */
  seen(model: Handle): Seen
  /** Number of training rows of each user or item of a model, in the order of their indices. */
  rows(model: Handle, of: 'users' | 'items'): Uint32Array

  /** The model as a safetensors file. Options: `{ history }`. */
  save(model: Handle, options: string): Uint8Array
  /** The inverse of `save`. `file` names the bytes in errors. */
  load(file: string, bytes: Uint8Array): Handle
  /** What a handle holds, as JSON. */
  info(handle: Handle): string
  /**
   * Outside ids of users or items, or titles, genres or (of a model) features of items, in the order of their indices. Genres
   * of an item are joined by `|`, features by line feeds. No texts at all where there are no titles and genres, or no features.
   */
  names(handle: Handle, of: 'users' | 'items' | 'titles' | 'genres' | 'features'): Texts
  /** Frees what a handle holds. A handle that is gone already is no error. */
  dispose(handle: Handle): void
}

/** Options that can be validated on their own. */
export type Checked =
  | 'model'
  | 'fit'
  | 'recommend'
  | 'similar'
  | 'predict'
  | 'slots'
  | 'evaluate'
  | 'resample'
  | 'save'
  | 'split'
  | 'filter'
  | 'read'
  | 'items'
  | 'features'
  | 'synthetic'

/** What is appended to a data set. */
export type DatasetPart = 'file' | 'rows' | 'items' | 'features' | 'feature-names'

/** Names a data set or a model inside one engine. Never reused. */
export type Handle = number

/** Texts packed into one buffer: the UTF-8 of all, and where each ends. */
export interface Texts {
  readonly bytes: Uint8Array
  readonly ends: Uint32Array
}

/** Ids as positions in a list of texts. */
export interface Coded {
  readonly codes: Uint32Array
  readonly texts: Texts
}

/** The ids of rows. An integer is the same id as its decimal text. */
export type Ids = Texts | Int32Array | BigInt64Array | Coded

/** Rows as columns. `ratings` and `times` are empty where the data has none. */
export interface Rows {
  readonly users: Ids
  readonly items: Ids
  readonly ratings: Float32Array
  readonly times: Float64Array
  /** For each row the sum of the bits of its null values: 1 user, 2 item, 4 rating, 8 time. Absent where no value is null. */
  readonly nulls?: Uint8Array | undefined
  /** Whether the times are seconds. Default: they are numbers, whose unit the engine finds. */
  readonly dated?: boolean | undefined
}

/** Queries for ranked lists: outside ids, indices of users, or histories that follow one another. */
export interface Asked {
  readonly ids?: Texts
  readonly indices?: Uint32Array
  /** Of histories: a rating for each item; NaN is a missing rating. */
  readonly ratings?: Float32Array
  /** Of histories: where each ends among the items. */
  readonly ends?: Uint32Array
}

/** Ranked items or users of several queries: those of query `n` are between `ends[n - 1]` and `ends[n]`. */
export interface Ranked {
  readonly items: Uint32Array
  readonly scores: Float32Array
  readonly ends: Uint32Array
}

/** Metrics, and those of each user if they were asked for; the arrays are empty if not. */
export interface Measured {
  /** All metrics as JSON. */
  readonly report: string
  /** The users, as indices of the test data. */
  readonly users: Uint32Array
  /** Test rows of each. */
  readonly rows: Uint32Array
  /** Names of the metrics that exist for each user, as JSON. */
  readonly metrics: string
  /** `(metrics, users)` */
  readonly values: Float64Array
}

/** Embeddings of users or items. */
export interface Vectors {
  /** `(users or items, dimension)` */
  readonly values: Float32Array
  readonly dimension: number
  /** Bias of each, which is added to its scores; empty where there are none. */
  readonly biases: Float32Array
  readonly metric: 'distance' | 'inner-product'
  /** Training rows of each. */
  readonly rows: Uint32Array
}

/** Vectors of some users or items. An item's score is `base + u·v`, or minus the squared distance. */
export interface RankingPart {
  /** `(users or items, dimension)` */
  readonly values: Float32Array
  readonly dimension: number
  /** Added to all scores of a user; empty for items and for distances. */
  readonly bases: Float32Array
  readonly metric: 'distance' | 'inner-product'
}

/** Items of each user, in order: those of user `n` are between `ends[n - 1]` and `ends[n]`. */
export interface Seen {
  readonly items: Uint32Array
  readonly ends: Uint32Array
}
