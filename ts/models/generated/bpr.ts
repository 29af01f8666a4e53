// Written by scripts/generate.mjs from the options declared in crates. Not to be edited.
import type { Resource } from '../../engine/handle.ts'
import { EmbeddingModel } from '../capabilities.ts'
import { createResource, type ModelSettings } from '../create.ts'

/** Options of {@link BPR}. */
export interface BPROptions {
  /** Embedding dimension. Default 64, range 1 to 4096. */
  readonly factors?: number | undefined
  /** Learning rate of the first epoch, per pair. Default 0.1, range 1e-6 to 1. */
  readonly learningRate?: number | undefined
  /** Factor of the learning rate from one epoch to the next. 1 keeps it constant. Default 0.96, range 0.1 to 1. */
  readonly learningRateDecay?: number | undefined
  /** L2 regularization of the embeddings, per update. Default 0.02, range 0 to 10. */
  readonly penalty?: number | undefined
  /** L2 regularization of the item biases, per update. Default 0.01, range 0 to 10. */
  readonly biasPenalty?: number | undefined
  /** Standard deviation of the initial embeddings. Default 0.1, range 0 to 10. */
  readonly initialDeviation?: number | undefined
  /**
   * Groups that users and items are each split into, anew in each epoch. Blocks of interactions that share no group
   * train at the same time, so this is also the highest useful number of threads, and part of the result: negatives are
   * items of the same group. Fewer where a group would have fewer than four items. Default 8, range 1 to 256.
   */
  readonly blocks?: number | undefined
}

/**
 * BPR-MF: embeddings that rank the items of a user before all others. Rendle, Freudenthaler, Gantner, Schmidt-Thieme,
 * UAI 2009.
 *
 * @example
 * const model = await BPR.create()
 * await model.fit(train)
 * const forAlice = await model.recommend('alice', { k: 5 })
 */
export class BPR extends EmbeddingModel {
  override readonly kind = 'bpr'

  /**
   * Makes a model that is not trained yet.
   *
   * @throws `config/unknown-key`, `config/wrong-type`, `config/out-of-range`, `config/conflict` for invalid options
   */
  static async create(options: BPROptions = {}, settings: ModelSettings = {}): Promise<BPR> {
    return new BPR(await createResource('bpr', options, settings))
  }

  /** @internal */
  static of(resource: Resource): BPR {
    return new BPR(resource)
  }
}
