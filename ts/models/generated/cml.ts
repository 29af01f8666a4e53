// Written by scripts/generate.mjs from the options declared in crates/models. Not to be edited.
import type { Resource } from '../../engine/handle.ts'
import { EmbeddingModel } from '../capabilities.ts'
import { createResource, type ModelSettings } from '../create.ts'

/** Options of {@link CML}. */
export interface CMLOptions {
  /** Length of a user's and an item's vector. Default 64, range 1 to 4096. */
  readonly factors?: number | undefined
  /** How much farther than what a user had the rest is to be, in squared distance. Default 1, range 0 to 100. */
  readonly margin?: number | undefined
  /** Radius of the ball that all vectors stay in. Default 1, range 1e-3 to 1e3. */
  readonly radius?: number | undefined
  /**
   * Items drawn for each pair that the user did not have; more tell weights apart better. Default 20, range 1 to 1e3.
   */
  readonly negatives?: number | undefined
  /**
   * How negatives are drawn: all items alike, by popularity, or of popular ones those like the positive. Default
   * 'uniform'.
   */
  readonly sampling?: 'uniform' | 'popularity' | 'two-stage' | undefined
  /**
   * Exponent of an item's rows in its odds of being drawn, for popularity and two-stage. Default 0.75, range 0 to 2.
   */
  readonly popularityExponent?: number | undefined
  /**
   * Which of the negatives counts: the nearest, the nearest beyond the positive, or the first. Not for sequential and
   * two-stage. Default 'hardest'.
   */
  readonly mining?: 'hardest' | 'semi-hard' | 'random' | undefined
  /**
   * What a pair weighs by the positive's rank: estimated by the share of impostors, by the draws to the first, or not
   * at all. Default 'parallel'.
   */
  readonly rankWeight?: 'parallel' | 'sequential' | 'none' | undefined
  /**
   * Weight of the penalty that keeps the coordinates of a batch's vectors uncorrelated; it is divided by the square of
   * the vectors in a batch. Default 10, range 0 to 1e12.
   */
  readonly covarianceWeight?: number | undefined
  /** How rows step: adagrad, adam (.001 to .01 suits it), or sgd. Default 'adagrad'. */
  readonly optimizer?: 'adagrad' | 'adam' | 'sgd' | undefined
  /** Step of a row, per batch. Default 0.1, range 1e-6 to 10. */
  readonly learningRate?: number | undefined
  /**
   * Where adagrad's sums of squared gradients start: more makes the first steps shorter. Default 0.1, range 0 to 1e6.
   */
  readonly initialAccumulator?: number | undefined
  /**
   * Length of the initial vectors, about: their standard deviation times the root of factors. Default 1, range 1e-3 to
   * 1e3.
   */
  readonly initialLength?: number | undefined
  /** Pairs of a mini-batch. Default 4096, range 1 to 1048576. */
  readonly batchSize?: number | undefined
  /**
   * Pull between an item's vector and where its features say that it belongs, where the data has features; 0 leaves
   * them alone. Default 10, range 0 to 1e6.
   */
  readonly featureWeight?: number | undefined
  /** Hidden units of the perceptron that reads features. Default 64, range 1 to 4096. */
  readonly featureUnits?: number | undefined
  /** Share of the hidden units that are left out of a step, at random. Default 0.2, range 0 to 0.95. */
  readonly featureDropout?: number | undefined
  /** Step of the perceptron's parameters, per batch. Default 0.01, range 1e-6 to 10. */
  readonly featureLearningRate?: number | undefined
  /**
   * How far from the centre features place an item that has no rows, in mean distances of items with rows. Default
   * 0.85, range 0 to 10.
   */
  readonly placedLength?: number | undefined
}

/**
 * Collaborative metric learning: users and items in one space, near means liked. Hsieh, Yang, Cui, Lin, Belongie,
 * Estrin, WWW 2017.
 *
 * @example
 * const model = await CML.create()
 * await model.fit(train)
 * const forAlice = await model.recommend('alice', { k: 5 })
 */
export class CML extends EmbeddingModel {
  override readonly kind = 'cml'

  /**
   * Makes a model that is not trained yet.
   *
   * @throws `config/unknown-key`, `config/wrong-type`, `config/out-of-range`, `config/conflict` for invalid options
   */
  static async create(options: CMLOptions = {}, settings: ModelSettings = {}): Promise<CML> {
    return new CML(await createResource('cml', options, settings))
  }

  /** @internal */
  static of(resource: Resource): CML {
    return new CML(resource)
  }
}
