import { createModel, type ModelSettings } from './create.ts'
import { Model } from './model.ts'

/** Options of {@link LRML}. */
export interface LRMLOptions {
  /** What to start from instead of the defaults below: the paper's form and settings. What stands beside it is taken first. */
  readonly preset?: 'paper'
  /** Length of every vector, 1 to 4096. Default 64. */
  readonly factors?: number
  /** Slots of the memory, 1 to 1024. Default 20. */
  readonly slots?: number
  /** What a negative is measured with: the relation of the pair that it stands against, or its own. Default 'own'. */
  readonly relation?: 'shared' | 'own'
  /** What is measured: length, squared length, or the sum of absolute differences. Default 'squared'. */
  readonly distance?: 'euclidean' | 'squared' | 'absolute'
  /** What it costs that a pair is not nearer than its negatives. Default 'softmax'. */
  readonly loss?: 'hinge' | 'softmax'
  /** Distance by which a negative is to be farther, 0 to 100; for hinge. Default .2. */
  readonly margin?: number
  /** Difference of distances that makes odds of e to 1, .001 to 100; for softmax. Default .2. */
  readonly temperature?: number
  /** Pairs that are drawn for each pair, 1 to 1024. Default 20. */
  readonly negatives?: number
  /** What a negative has another of than the pair that it stands against. Default 'item'. */
  readonly corrupt?: 'item' | 'user' | 'both'
  /** How negatives are drawn: all alike, or by popularity. Default 'uniform'. */
  readonly sampling?: 'uniform' | 'popularity'
  /** Exponent of the rows that something has in its odds of being drawn, 0 to 2; for popularity. Default .75. */
  readonly popularityExponent?: number
  /** How rows step; adam wants .001 to .01. Default 'adagrad'. */
  readonly optimizer?: 'adagrad' | 'adam' | 'sgd'
  /** Step of a row, per batch, 1e-6 to 10. Default .05. */
  readonly learningRate?: number
  /** Where adagrad's sums of squared gradients start, 0 to 1e6: more makes the first steps shorter. Default .05. */
  readonly initialAccumulator?: number
  /** Length of the initial vectors, about, .001 to 1000. Default 1. */
  readonly initialLength?: number
  /** Length of the initial keys, about, .001 to 1000: short ones make attention flat at the start. Default 16. */
  readonly initialKeyLength?: number
  /** Length of what the slots hold at the start, about, 0 to 1000: at 0 there are no relations yet. Default .05. */
  readonly initialMemoryLength?: number
  /** Pairs of a mini-batch, 1 to 1048576. Default 1024. */
  readonly batchSize?: number
  /** L2 penalty of a row, per step of it, 0 to 10. Default 0. */
  readonly penalty?: number
  /** Radius of the ball that users' and items' vectors are clipped to, 0 to 1000; 0 leaves them free. Default 1. */
  readonly radius?: number
  /** Radius of the ball that relations are clipped to, 0 to 1000; 0 leaves them free. Default .3. */
  readonly relationRadius?: number
  /** Greatest length of a batch's gradient over its number of pairs, 0 to 1e6; 0 leaves it as it is. Default 0. */
  readonly gradientClip?: number
}

/**
 * LRML (Tay, Luu, Hui, WWW 2018): what lies between a person and an item is a relation `r`, which the pair finds by attention to
 * the slots of a memory; the score is minus the distance `p + r − q`. Unlike {@link CML} it can place a person near things of several
 * kinds that are not near each other.
 *
 * `explain` tells what the relation adds to a score, and in `weights` how much the pair looks at each slot.
 */
export class LRML extends Model {
  static create(options: LRMLOptions = {}, settings: ModelSettings = {}): Promise<LRML> {
    return createModel('lrml', LRML, options, settings)
  }
}
