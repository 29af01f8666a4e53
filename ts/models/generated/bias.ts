// Written by scripts/generate.mjs from the options declared in crates. Not to be edited.
import type { Resource } from '../../engine/handle.ts'
import { createResource, type ModelSettings } from '../create.ts'
import { Model } from '../model.ts'

/** Options of {@link Bias}. */
export interface BiasOptions {
  /**
   * Damping λ: a bias is shrunk toward zero as if by this many ratings with no deviation. Default 5, range 0 to 1e9.
   */
  readonly damping?: number | undefined
}

/**
 * Damped biases of users and items: the baseline for rating models. Koren, ACM TKDD 4(1), 2010, section 2.1.
 *
 * @example
 * const model = await Bias.create()
 * await model.fit(train)
 * const [rating] = await model.predict([['alice', 'matrix']])
 */
export class Bias extends Model {
  override readonly kind = 'bias'

  /**
   * Makes a model that is not trained yet.
   *
   * @throws `config/unknown-key`, `config/wrong-type`, `config/out-of-range`, `config/conflict` for invalid options
   */
  static async create(options: BiasOptions = {}, settings: ModelSettings = {}): Promise<Bias> {
    return new Bias(await createResource('bias', options, settings))
  }

  /** @internal */
  static of(resource: Resource): Bias {
    return new Bias(resource)
  }
}
