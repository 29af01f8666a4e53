import type { ComparisonTable, Importance, ModelResult, Weights } from '../../index.ts'

// The content of a report: written by the command line, drawn by the page.

/** An epoch of a training. */
export interface Step {
  readonly phase: string
  readonly epoch: number
  readonly loss: number
  readonly seconds: number
  /** The metric that chose the epochs, on validation rows. */
  readonly value: number | undefined
}

/** A model with its training as a curve. */
export interface ReportModel extends Omit<ModelResult, 'history'> {
  readonly curve: readonly Step[]
}

/** Models of one task. */
export interface ReportTable extends Omit<ComparisonTable, 'models'> {
  readonly models: readonly ReportModel[]
}

/** An item of a map. */
export interface Point {
  readonly x: number
  readonly y: number
  readonly title: string
  readonly genres: readonly string[]
  /** Training rows. */
  readonly rows: number
}

/** The items of a model in the plane. */
export interface ItemMap {
  readonly model: string
  readonly metric: 'distance' | 'inner-product'
  readonly items: number
  readonly points: readonly Point[]
}

/** Weights of a model that are the same for all users and items. */
export interface OwnWeights {
  readonly model: string
  readonly weights: Weights
}

/** Number of users or items with `from` to `to` rows. */
export interface Bin {
  readonly from: number
  readonly to: number
  readonly count: number
}

/** Distributions of the data. */
export interface Distributions {
  /** Ratings; empty for implicit feedback. */
  readonly ratings: readonly Bin[]
  /** Users by their number of training rows. */
  readonly users: readonly Bin[]
  /** Items by their number of training rows. */
  readonly items: readonly Bin[]
}

/** How popular the items are that a model recommends. */
export interface Popularity {
  readonly model: string
  /** Number of users with a list. */
  readonly users: number
  /** Length of a list. */
  readonly k: number
  /** Fraction of the catalogue that is in a list. */
  readonly coverage: number
  /** Mean number of training rows of an item in a list. */
  readonly recommended: number
  /** Mean number of training rows of an item in the history of the same users. */
  readonly history: number
}

/** An item of a user. */
export interface ListedItem {
  readonly item: string
  readonly title: string
  /** Whether it is a row of the test part. */
  readonly heldOut: boolean
}

/** What models recommend to a user. */
export interface Example {
  readonly user: string
  /** Why this user is shown: `few`, a `median` number of, or `many` training rows. */
  readonly activity: 'few' | 'median' | 'many'
  /** Number of training rows. */
  readonly rows: number
  /** The last items of training, the latest first. */
  readonly history: readonly ListedItem[]
  readonly heldOut: readonly ListedItem[]
  readonly lists: readonly { readonly model: string; readonly items: readonly ListedItem[] }[]
}

/** An option that a search varied, as an axis. */
export interface Axis {
  readonly name: string
  /** Lowest and highest value tried; absent for choices. */
  readonly low?: number
  readonly high?: number
  readonly log: boolean
  /** Absent for numbers. */
  readonly choices?: readonly string[]
}

/** A trial of a search that has a value. */
export interface TuningTrial {
  readonly trial: number
  /** The metric on validation after its best epoch. */
  readonly value: number
  readonly epoch: number
  /** Epochs trained. */
  readonly epochs: number
  /** Its options, choices as text. One that has no effect beside the others is absent. */
  readonly options: Readonly<Record<string, number | string>>
}

/** A hyperparameter search. */
export interface Tuning {
  readonly metric: string
  readonly moreIsBetter: boolean
  readonly axes: readonly Axis[]
  /** The best first. */
  readonly trials: readonly TuningTrial[]
  readonly importance: readonly Importance[]
}

/** The data of the pictures. */
export interface ReportContent {
  /** Name of the data, which begins the names of saved files. */
  readonly name: string
  /** Names of the models in the order of their colours. */
  readonly models: readonly string[]
  readonly tables: readonly ReportTable[]
  readonly weights: readonly OwnWeights[]
  readonly map: ItemMap | undefined
  readonly distributions: Distributions | undefined
  readonly popularity: readonly Popularity[]
  readonly examples: readonly Example[]
  readonly tuning?: Tuning
}
