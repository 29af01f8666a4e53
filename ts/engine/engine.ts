/**
 * What the engine can do: the one declaration of its calls. The WASM module exports them under these names, the worker
 * answers messages named by them, and the client's methods are derived from them.
 *
 * Handles are numbers, options and reports are JSON text, numbers are typed arrays that are copied in and out.
 */
export interface Engine {
  /** The engine's version and every registered model: kind, options with defaults and ranges, what it can do. */
  describe(): string
  /**
   * Memory and handles: `{ usedBytes, peakBytes, heldBytes, limitBytes, freeBytes, handles }`. `peakBytes` is the most in use
   * since the last time of asking, `heldBytes` what the memory has grown to, in use or not.
   */
  usage(): string

  /**
   * Starts a data set that `append` or `appendRows` fills. Options: `{ file, format?, columns?, ratingRange? }`. A synthetic
   * one, with the options of `synthesise`, is not kept: `nextCsv` takes its rows.
   */
  createDataset(from: 'file' | 'rows' | 'synthetic', options: string): Handle
  /** The next bytes of the file. */
  append(dataset: Handle, bytes: Uint8Array): void
  /** The next rows as columns; `ratings` and `times` are empty where the data has none. */
  appendRows(dataset: Handle, users: Texts, items: Texts, ratings: Float32Array, times: Float64Array): void
  /**
   * The next bytes of a side file about the items: titles and genres, features, or the features' names. Options, which
   * count with its first bytes: `{ file }`, of features also `{ layout }`. `finish` aligns them.
   */
  appendSide(dataset: Handle, side: 'items' | 'features' | 'featureNames', options: string, bytes: Uint8Array): void
  /** Ends the data set: no more rows. Where that shows that it is none, the handle is gone. */
  finish(dataset: Handle): void
  /** A data set with planted structure. */
  synthesise(options: string): Handle
  /** The next rows of a synthetic data set that is not kept, as CSV with a header at first; nothing at the end. */
  nextCsv(dataset: Handle): Uint8Array
  /**
   * Parts of a data set as JSON `{ train, validation, test, trainAndValidation, validationGiven, testGiven }`, each a
   * handle or null. `test` holds the test rows where the options are by file.
   */
  split(dataset: Handle, options: string, test: Handle | undefined): string
  /** A data set of the rows that a filter lets through. Options: `{ from, until, positiveThreshold, core }`. */
  filter(dataset: Handle, options: string): Handle
  /** The rows `from..to` as text; CSV has a header where `from` is 0. */
  rowsAs(dataset: Handle, format: 'csv' | 'json-lines', from: number, to: number): Uint8Array
  /** What is known of the items in words, as CSV of item, title and genres. */
  itemsAsCsv(dataset: Handle): Uint8Array

  /** A model of a kind with its options, not yet fitted. */
  createModel(kind: string, options: string): Handle
  /**
   * Makes ready to train: checks the data and the memory it takes. People of `validation` whom `train` does not have are
   * placed by their rows in `given`. Options: `{ seed, goOn, metric }`.
   */
  beginFit(
    model: Handle,
    train: Handle,
    validation: Handle | undefined,
    given: Handle | undefined,
    options: string,
  ): void
  /** Trains one epoch; returns its numbers. The model answers from it at once. */
  trainEpoch(model: Handle): string
  /** Ends training: keeps the parameters of the best epoch on validation, or the last; frees what only training needs. */
  endFit(model: Handle): void

  /** Predictions for pairs of outside ids. */
  predict(model: Handle, users: Texts, items: Texts): Float32Array
  /** The best items for each user. Options: `{ k, exclude, filter, candidates }`. */
  recommend(model: Handle, users: Texts, options: string): Ranked
  /** The nearest items of each item. Options: `{ k }`. */
  similarItems(model: Handle, items: Texts, options: string): Ranked
  /** The nearest users of each user, as indices of users. Options: `{ k }`. */
  similarUsers(model: Handle, users: Texts, options: string): Ranked
  /** The best items for someone who is not in the model, from items and ratings; NaN is the highest. Options as `recommend`. */
  recommendFor(model: Handle, items: Texts, ratings: Float32Array, options: string): Ranked
  /** Why an item has its score for a user: `{ parts: [[name, value]], items: [[item index, value]] }`. */
  explain(model: Handle, user: string, item: string): string
  /** The slots of its memory with what is typical of each, as JSON. Options: `{ k }`. */
  slots(model: Handle, options: string): string
  /**
   * Metrics on a data set. Users whom the model does not know are placed by their rows in `given`; the items of the rows in
   * `exclude` are not ranked for their users. Options: `{ k, negatives, metrics, seed, perUser }`.
   */
  evaluate(
    model: Handle,
    test: Handle,
    given: Handle | undefined,
    exclude: Handle | undefined,
    options: string,
  ): Measured
  /**
   * `(estimate, low, high)` of each metric from values of users, `(runs, metrics, users)`, and the test rows of each. Options:
   * `{ metrics, runs, level, resamples, seed }`.
   */
  intervals(values: Float64Array, rows: Uint32Array, options: string): Float64Array
  /** `(difference, p)` of each metric from two models' values of the same users. Options: those of `intervals`. */
  pairedTests(a: Float64Array, b: Float64Array, rows: Uint32Array, options: string): Float64Array
  /** Where the users or items of a model lie, in the order of their indices. */
  vectors(model: Handle, of: 'users' | 'items'): Vectors

  /** The model as a safetensors file. Options: `{ history }`. */
  save(model: Handle, options: string): Uint8Array
  /** The inverse of `save`. `file` names the bytes in errors. */
  load(file: string, bytes: Uint8Array): Handle
  /** What a handle holds, as JSON. */
  info(handle: Handle): string
  /** The outside ids of the users or items behind a handle, in the order of their indices. */
  ids(handle: Handle, of: 'users' | 'items'): Texts
  /** Titles of the items behind a data set or a trained model; no texts at all where there are none. */
  titles(handle: Handle): Texts
  /** Genres of the items, those of an item joined by `|`; no texts at all where there are none. */
  genres(handle: Handle): Texts
  /** Frees what a handle holds. A handle that is gone already is no error. */
  dispose(handle: Handle): void
}

/** Names a data set or a model inside one engine. Never reused. */
export type Handle = number

/** Texts packed into one buffer: the UTF-8 of all, and where each ends. */
export interface Texts {
  readonly bytes: Uint8Array
  readonly ends: Uint32Array
}

/** Ranked items of several queries: those of query `n` lie between `ends[n - 1]` and `ends[n]`. */
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
  /** Names of the metrics that users have, as JSON. */
  readonly metrics: string
  /** `(metrics, users)` */
  readonly values: Float64Array
}

/** Points of the space that a model places users and items in. */
export interface Vectors {
  /** `(users or items, width)` */
  readonly values: Float32Array
  readonly width: number
  /** What each adds to its scores; empty where nothing is added. */
  readonly biases: Float32Array
  readonly nearness: 'distance' | 'inner-product'
  /** Training rows of each. */
  readonly rows: Uint32Array
}
