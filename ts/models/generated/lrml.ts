// Written by scripts/generate.mjs from the options declared in crates/models. Not to be edited.
import type { Resource } from '../../engine/handle.ts'
import { MemoryModel } from '../capabilities.ts'
import { createResource, type ModelSettings } from '../create.ts'

/** Options of {@link LRML}. */
export interface LRMLOptions {
  /**
   * A named set of options to start from; options beside it take precedence. `paper`: The paper's form: 100 factors, 20
   * slots, the positive pair's relation for its negative too, one negative, hinge with margin .2, Adam.
   */
  readonly preset?: 'paper' | undefined
  /** Length of every vector. Default 64, range 1 to 4096. */
  readonly factors?: number | undefined
  /** Slots of the memory. Default 20, range 1 to 1024. */
  readonly slots?: number | undefined
  /** What a negative is measured with: the relation of the pair that it stands against, or its own. Default 'own'. */
  readonly relation?: 'shared' | 'own' | undefined
  /** What is measured: length, squared length, or the sum of absolute differences. Default 'squared'. */
  readonly distance?: 'euclidean' | 'squared' | 'absolute' | undefined
  /** What it costs that something wanted is not nearer than its negatives. Default 'softmax'. */
  readonly loss?: 'hinge' | 'softmax' | undefined
  /** Distance by which a negative is to be farther. For hinge. Default 0.2, range 0 to 100. */
  readonly margin?: number | undefined
  /** Difference of distances that makes odds of e to 1. For softmax. Default 0.2, range 1e-3 to 100. */
  readonly temperature?: number | undefined
  /** Pairs that are drawn for each pair. Default 20, range 1 to 1024. */
  readonly negatives?: number | undefined
  /** What a negative has another of than the pair that it stands against. Default 'item'. */
  readonly corrupt?: 'item' | 'user' | 'both' | undefined
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
  /** Length of the initial keys, about: short ones make attention flat at the start. Default 16, range 1e-3 to 1e3. */
  readonly initialKeyLength?: number | undefined
  /**
   * Length of what the slots hold at the start, about: at 0 there are no relations yet. Default 0.05, range 0 to 1e3.
   */
  readonly initialMemoryLength?: number | undefined
  /** Pairs of a mini-batch. Default 1024, range 1 to 1048576. */
  readonly batchSize?: number | undefined
  /** L2 penalty of a row, per step of it. Default 0, range 0 to 10. */
  readonly penalty?: number | undefined
  /**
   * Radius of the ball that users' and items' vectors are clipped to; 0 leaves them free. Default 1, range 0 to 1e3.
   */
  readonly radius?: number | undefined
  /** Radius of the ball that relations are clipped to; 0 leaves them free. Default 0.3, range 0 to 1e3. */
  readonly relationRadius?: number | undefined
  /**
   * Greatest length of a batch's gradient over its number of pairs; 0 leaves it as it is. Default 0, range 0 to 1e6.
   */
  readonly gradientClip?: number | undefined
}

/**
 * LRML: what takes a person to an item, by attention over the slots of a memory. Tay, Luu, Hui, WWW 2018, arXiv
 * 1707.05176.
 *
 * @example
 * const model = await LRML.create()
 * await model.fit(train)
 * const forAlice = await model.recommend('alice', { k: 5 })
 */
export class LRML extends MemoryModel {
  override readonly kind = 'lrml'

  /**
   * Makes a model that is not trained yet.
   *
   * @throws `config/unknown-key`, `config/wrong-type`, `config/out-of-range`, `config/conflict` for invalid options
   */
  static async create(options: LRMLOptions = {}, settings: ModelSettings = {}): Promise<LRML> {
    return new LRML(await createResource('lrml', options, settings))
  }

  /** @internal */
  static of(resource: Resource): LRML {
    return new LRML(resource)
  }
}
