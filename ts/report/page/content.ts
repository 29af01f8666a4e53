import type { ComparisonTable, ModelResult, Weights } from '../../index.ts'

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

/** The data of the pictures. */
export interface ReportContent {
  readonly tables: readonly ReportTable[]
  readonly weights: readonly OwnWeights[]
  readonly map: ItemMap | undefined
}
