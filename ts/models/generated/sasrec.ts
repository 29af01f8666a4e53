// Written by scripts/generate.mjs from the options declared in crates. Not to be edited.
import type { Resource } from '../../engine/handle.ts'
import { ItemSimilarityModel } from '../capabilities.ts'
import { createResource, type ModelSettings } from '../create.ts'

/** Options of {@link SASRec}. */
export interface SASRecOptions {
  /** Embedding dimension. Default 64, range 1 to 1024. */
  readonly factors?: number | undefined
  /** Blocks of attention and feed-forward layers. Default 1, range 1 to 16. */
  readonly blocks?: number | undefined
  /** Heads of attention. Must divide `factors`. Default 1, range 1 to 64. */
  readonly heads?: number | undefined
  /** Length of the sequence that attention reads: the user's last items. Default 50, range 1 to 1024. */
  readonly length?: number | undefined
  /**
   * Order of a user's interactions: by `time`, or by their position in the file (`rows`), where the file is in order of
   * time. Default 'time'.
   */
  readonly order?: 'time' | 'rows' | undefined
  /**
   * Items sampled per mini-batch that its targets are compared with. A catalogue of no more items is compared as a
   * whole. Default 2048, range 1 to 65536.
   */
  readonly negatives?: number | undefined
  /** Dropout probability of the coordinates of the input and of each layer's output. Default 0.4, range 0 to 0.95. */
  readonly dropout?: number | undefined
  /** Optimizer: `adagrad`, `adam` (with learning rates of 0.001 to 0.01), or `sgd`. Default 'adam'. */
  readonly optimizer?: 'adagrad' | 'adam' | 'sgd' | undefined
  /** Learning rate, per mini-batch. Default 0.01, range 1e-6 to 10. */
  readonly learningRate?: number | undefined
  /**
   * Initial value of AdaGrad's sums of squared gradients. Higher values shorten the first steps. Default 0.05, range 0
   * to 1e6.
   */
  readonly initialAccumulator?: number | undefined
  /**
   * Expected norm of the initial embeddings. Their standard deviation is this value divided by the square root of
   * `factors`. Default 1, range 1e-3 to 1e3.
   */
  readonly initialLength?: number | undefined
  /** Training examples in a mini-batch. Default 64, range 1 to 1048576. */
  readonly batchSize?: number | undefined
}

/**
 * SASRec: the next item, from a transformer over the last items. Kang, McAuley, ICDM 2018, arXiv 1808.09781.
 *
 * @example
 * const model = await SASRec.create()
 * await model.fit(train)
 * const forAlice = await model.recommend('alice', { k: 5 })
 */
export class SASRec extends ItemSimilarityModel {
  override readonly kind = 'sasrec'

  /**
   * Makes a model that is not trained yet.
   *
   * @throws `config/unknown-key`, `config/wrong-type`, `config/out-of-range`, `config/conflict` for invalid options
   */
  static async create(options: SASRecOptions = {}, settings: ModelSettings = {}): Promise<SASRec> {
    return new SASRec(await createResource('sasrec', options, settings))
  }

  /** @internal */
  static of(resource: Resource): SASRec {
    return new SASRec(resource)
  }
}
