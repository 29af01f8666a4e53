import { createModel, type ModelSettings } from './create.ts'
import { Model } from './model.ts'

/** Options of {@link CML}. */
export interface CMLOptions {
  /** Length of a user's and an item's vector, 1 to 4096. Default 64. */
  readonly factors?: number
  /** How much farther than what a user had the rest is to be, in squared distance, 0 to 100. Default 1. */
  readonly margin?: number
  /** Radius of the ball that all vectors stay in, .001 to 1000. Default 1. */
  readonly radius?: number
  /** Items drawn for each pair that the user did not have, 1 to 1000; more tell weights apart better. Default 20. */
  readonly negatives?: number
  /**
   * How negatives are drawn: all items alike, by popularity, or of popular ones those like the positive (`two-stage`).
   * Default 'uniform'.
   */
  readonly sampling?: 'uniform' | 'popularity' | 'two-stage'
  /** Exponent of an item's rows in its odds of being drawn, for popularity and two-stage, 0 to 2. Default .75. */
  readonly popularityExponent?: number
  /**
   * Which of the negatives counts: the nearest, the nearest beyond the positive, or the first. Only the nearest goes with
   * `rankWeight: 'sequential'` and with `sampling: 'two-stage'`. Default 'hardest'.
   */
  readonly mining?: 'hardest' | 'semi-hard' | 'random'
  /**
   * What a pair weighs by the positive's rank: estimated by the share of impostors, by the draws to the first (which needs
   * `sampling: 'uniform'`), or not at all. Default 'parallel'.
   */
  readonly rankWeight?: 'parallel' | 'sequential' | 'none'
  /**
   * Weight of the penalty that keeps the coordinates of a batch's vectors uncorrelated, 0 to 1e12; it is divided by the
   * square of the number of vectors in a batch. Default 10.
   */
  readonly covarianceWeight?: number
  /** How rows step. Default 'adagrad'. */
  readonly optimizer?: 'adagrad' | 'adam' | 'sgd'
  /** Step of a row, per batch, 1e-6 to 10; .001 to .01 suits adam. Default .1. */
  readonly learningRate?: number
  /** Where adagrad's sums of squared gradients start, 0 to 1e6: more makes the first steps shorter. Default .1. */
  readonly initialAccumulator?: number
  /** Length of the initial vectors, about, .001 to 1000. Default 1. */
  readonly initialLength?: number
  /** Pairs of a mini-batch, 1 to 1048576. Default 4096. */
  readonly batchSize?: number
  /**
   * Pull between an item's vector and where its features say that it belongs, where the data has features, 0 to 1e6; 0
   * leaves them alone. Default 10.
   */
  readonly featureWeight?: number
  /** Hidden units of the perceptron that reads features, 1 to 4096. Default 64. */
  readonly featureUnits?: number
  /** Share of the hidden units that are left out of a step, at random, 0 to .95. Default .2. */
  readonly featureDropout?: number
  /** Step of the perceptron's parameters, per batch, 1e-6 to 10. Default .01. */
  readonly featureLearningRate?: number
  /** How far from the centre features place an item that has no rows, in mean distances of items with rows, 0 to 10. Default .85. */
  readonly placedLength?: number
}

/**
 * Collaborative metric learning (Hsieh et al., WWW 2017): users and items as points of one space in which near means
 * liked. A score is minus a squared distance, so items near a user, items near an item and users near a user are all found
 * in the same way. With features of items, such as tags, it recommends items that nobody had yet.
 */
export class CML extends Model {
  static create(options: CMLOptions = {}, settings: ModelSettings = {}): Promise<CML> {
    return createModel('cml', CML, options, settings)
  }
}
