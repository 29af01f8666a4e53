import type { ComparisonTable, ModelResult, Weights } from '../../index.ts'

// What a report is made of: written by the command line, drawn by the page.

/** What a training came to, epoch by epoch. */
export interface Step {
  readonly phase: string
  readonly epoch: number
  readonly loss: number
  readonly seconds: number
  /** The metric that chose, on validation rows. */
  readonly value: number | undefined
}

/** A model with its training as a curve. */
export interface ReportModel extends Omit<ModelResult, 'history'> {
  readonly curve: readonly Step[]
}

/** Models that are measured alike. */
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

/** The items as a model places them. */
export interface ItemMap {
  readonly model: string
  readonly metric: 'distance' | 'inner-product'
  readonly items: number
  readonly points: readonly Point[]
}

/** A table of what a model learnt that is about nobody in particular. */
export interface OwnWeights {
  readonly model: string
  readonly weights: Weights
}

/** What the page draws. */
export interface ReportContent {
  readonly tables: readonly ReportTable[]
  readonly weights: readonly OwnWeights[]
  readonly map: ItemMap | undefined
}
