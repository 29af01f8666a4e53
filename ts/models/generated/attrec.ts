// Written by scripts/generate.mjs from the options declared in crates/models. Not to be edited.
import type { Resource } from '../../engine/handle.ts'
import { ItemEmbeddingModel } from '../capabilities.ts'
import { createResource, type ModelSettings } from '../create.ts'

/** Options of {@link AttRec}. */
export interface AttRecOptions {
  /**
   * A named set of options to start from; options beside it take precedence. `paper`: The paper's form and settings:
   * 100 factors, one negative a target, hinge with margin .5, AdaGrad.
   */
  readonly preset?: 'paper' | undefined
  /** Length of every vector. Default 64, range 1 to 4096. */
  readonly factors?: number | undefined
  /** Last items that attention looks at. Default 5, range 1 to 64. */
  readonly inputs?: number | undefined
  /** Next items that each window aims at. Default 3, range 1 to 64. */
  readonly targets?: number | undefined
  /**
   * What orders a user's rows: their time, or their place in the file where that is the order of time. Default 'time'.
   */
  readonly order?: 'time' | 'rows' | undefined
  /** Share of the long term: 0 leaves it out, 1 leaves out the short term. Default 0.3, range 0 to 1. */
  readonly longTerm?: number | undefined
  /** Whether that share is the same for all, or where each user's own starts, which is learnt. Default 'all'. */
  readonly longTermPer?: 'all' | 'user' | undefined
  /** How the last items become one point: by attention to each other, or all alike. Default 'self'. */
  readonly attention?: 'self' | 'mean' | undefined
  /** Whether queries and keys tell where in the sequence an item stands. Default true. */
  readonly timeSignal?: boolean | undefined
  /** What vectors are compared by: squared distance, or inner product. Default 'distance'. */
  readonly score?: 'distance' | 'product' | undefined
  /** What it costs that something wanted is not nearer than its negatives. Default 'softmax'. */
  readonly loss?: 'hinge' | 'softmax' | undefined
  /** Squared distance by which a negative is to be farther than a target. For hinge. Default 0.5, range 0 to 100. */
  readonly margin?: number | undefined
  /** Squared distance that makes odds of e to 1. For softmax. Default 0.2, range 1e-3 to 100. */
  readonly temperature?: number | undefined
  /** Drawn items for each target. Default 3, range 1 to 1024. */
  readonly negatives?: number | undefined
  /** Whether a target is held against the negatives of all targets of its window. Default true. */
  readonly sharedNegatives?: boolean | undefined
  /** How negatives are drawn: all alike, or by popularity. Default 'uniform'. */
  readonly sampling?: 'uniform' | 'popularity' | undefined
  /** Exponent of the rows that something has in its odds of being drawn, for popularity. Default 0.75, range 0 to 2. */
  readonly popularityExponent?: number | undefined
  /** How rows step: adagrad, adam (.001 to .01 suits it), or sgd. Default 'adagrad'. */
  readonly optimizer?: 'adagrad' | 'adam' | 'sgd' | undefined
  /** Step of a row, per batch. Default 0.05, range 1e-6 to 10. */
  readonly learningRate?: number | undefined
  /**
   * Where adagrad's sums of squared gradients start: more makes the first steps shorter. Default 0.05, range 0 to 1e6.
   */
  readonly initialAccumulator?: number | undefined
  /**
   * Length of the initial vectors, about: their standard deviation times the root of factors. Default 1, range 1e-3 to
   * 1e3.
   */
  readonly initialLength?: number | undefined
  /** Windows of a mini-batch. Default 1024, range 1 to 1048576. */
  readonly batchSize?: number | undefined
  /** L2 penalty of a row, per step of it. Default 0, range 0 to 10. */
  readonly penalty?: number | undefined
  /** Odds that a coordinate of a query or a key is left out in training. Default 0, range 0 to 0.95. */
  readonly dropout?: number | undefined
  /** Radius of the ball that vectors are clipped to after a step; 0 leaves them free. Default 1, range 0 to 1e3. */
  readonly radius?: number | undefined
}

/**
 * AttRec: what comes next, by self-attention over the last items and by a person's taste. Zhang, Tay, Yao, Sun, arXiv
 * 1808.06414, 2018.
 *
 * @example
 * const model = await AttRec.create()
 * await model.fit(train)
 * const forAlice = await model.recommend('alice', { k: 5 })
 */
export class AttRec extends ItemEmbeddingModel {
  override readonly kind = 'attrec'

  /**
   * Makes a model that is not trained yet.
   *
   * @throws `config/unknown-key`, `config/wrong-type`, `config/out-of-range`, `config/conflict` for invalid options
   */
  static async create(options: AttRecOptions = {}, settings: ModelSettings = {}): Promise<AttRec> {
    return new AttRec(await createResource('attrec', options, settings))
  }

  /** @internal */
  static of(resource: Resource): AttRec {
    return new AttRec(resource)
  }
}
