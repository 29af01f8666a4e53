import { createModel, type ModelSettings } from './create.ts'
import { Model } from './model.ts'

/** Options of {@link AttRec}. */
export interface AttRecOptions {
  /** What to start from instead of the defaults below: the paper's form and settings. What stands beside it is taken first. */
  readonly preset?: 'paper'
  /** Length of every vector, 1 to 4096. Default 64. */
  readonly factors?: number
  /** Last items that attention looks at, 1 to 64. Default 5. */
  readonly inputs?: number
  /** Next items that each window aims at, 1 to 64. Default 3. */
  readonly targets?: number
  /** What orders a user's rows: their time, or their place in the file where that is the order of time. Default 'time'. */
  readonly order?: 'time' | 'rows'
  /** Share of the long term, ω, 0 to 1: 0 leaves it out, 1 leaves out the short term. Default .3. */
  readonly longTerm?: number
  /**
   * Whether that share is the same for all, or where each user's own starts, which is learnt. Who is new has that of all.
   * Default 'all'.
   */
  readonly longTermPer?: 'all' | 'user'
  /** How the last items become one point: by attention to each other, or all alike. Default 'self'. */
  readonly attention?: 'self' | 'mean'
  /** Whether queries and keys tell where in the sequence an item stands. Default true. */
  readonly timeSignal?: boolean
  /** What vectors are compared by: squared distance, or inner product. Default 'distance'. */
  readonly score?: 'distance' | 'product'
  /** What a target and its negatives cost. Default 'softmax'. */
  readonly loss?: 'hinge' | 'softmax'
  /** Squared distance by which a negative is to be farther than a target, 0 to 100; for hinge. Default .5. */
  readonly margin?: number
  /** Squared distance that makes odds of e to 1, .001 to 100; for softmax. Default .2. */
  readonly temperature?: number
  /** Drawn items for each target, 1 to 1024. Default 3. */
  readonly negatives?: number
  /** Whether a target is held against the negatives of all targets of its window. Default true. */
  readonly sharedNegatives?: boolean
  /** How negatives are drawn: all items alike, or by popularity. Default 'uniform'. */
  readonly sampling?: 'uniform' | 'popularity'
  /** Exponent of an item's rows in its odds of being drawn, 0 to 2; for popularity. Default .75. */
  readonly popularityExponent?: number
  /** How rows step; adam wants .001 to .01. Default 'adagrad'. */
  readonly optimizer?: 'adagrad' | 'adam' | 'sgd'
  /** Step of a row, per batch, 1e-6 to 10. Default .05. */
  readonly learningRate?: number
  /** Where adagrad's sums of squared gradients start, 0 to 1e6: more makes the first steps shorter. Default .05. */
  readonly initialAccumulator?: number
  /** Length of the initial vectors, about, .001 to 1000. Default 1. */
  readonly initialLength?: number
  /** Windows of a mini-batch, 1 to 1048576. Default 1024. */
  readonly batchSize?: number
  /** L2 penalty of a row, per step of it, 0 to 10. Default 0. */
  readonly penalty?: number
  /** Odds that a coordinate of a query or a key is left out in training, 0 to .95. Default 0. */
  readonly dropout?: number
  /** Radius of the ball that vectors are clipped to after a step, 0 to 1000; 0 leaves them free. Default 1. */
  readonly radius?: number
}

/**
 * AttRec (Zhang, Tay, Yao, Sun 2018): what comes next, from where the last items lead and from what a person likes in the
 * long run. The last `inputs` items become one point `m` by self-attention; the score of an item is minus its squared distance
 * to that point and to the person, `−(ω ‖u − v‖² + (1 − ω) ‖m − x‖²)`.
 *
 * Rows are ordered by their time; data without times needs `order: 'rows'`. `recommendFor` goes by the order of the history, the
 * latest last. `explain` tells how much each of the last items speaks for an item, and in `weights` how they look at each
 * other, and where users have their own ω what each term counts.
 */
export class AttRec extends Model {
  static create(options: AttRecOptions = {}, settings: ModelSettings = {}): Promise<AttRec> {
    return createModel('attrec', AttRec, options, settings)
  }
}
