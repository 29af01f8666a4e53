import type { Engine } from '../engine/engine.ts'

/**
 * Options of the generator. A rating is mean + user bias + item bias + taste · match + noise, rounded to whole stars from 1
 * to 5, where match is the inner product of the user's and the item's tastes. Users choose items by popularity and match.
 */
export interface SyntheticOptions {
  /** Number of users. Default 1000. */
  readonly users?: number | undefined
  /** Number of items. Default 600. */
  readonly items?: number | undefined
  /** Number of ratings. Default 50,000. */
  readonly ratings?: number | undefined
  /** Number of genres, 1 to 18; an item has up to three. Default 12. */
  readonly genres?: number | undefined
  /** Dimension of the tastes, 1 to 64. Default 4. */
  readonly factors?: number | undefined
  /** Mean rating before users choose, in stars. Default 3.4. */
  readonly mean?: number | undefined
  /** Standard deviation of the users' biases, in stars. Default .35. */
  readonly userBias?: number | undefined
  /** Standard deviation of the items' biases, in stars. Default .35. */
  readonly itemBias?: number | undefined
  /** Standard deviation of the contribution of taste, in stars. Default .8. */
  readonly taste?: number | undefined
  /** Standard deviation of the noise, in stars. Default .75. */
  readonly noise?: number | undefined
  /** How strongly users prefer items that they match, 0 (not at all) to 10. Default 1. */
  readonly choice?: number | undefined
  /** Exponent of the items' popularity, 0 (uniform) to 3. Default .7. */
  readonly popularity?: number | undefined
  /** Standard deviation of the logarithm of the number of ratings of a user, 0 (uniform) to 3. Default .6. */
  readonly activity?: number | undefined
  /** Number of tags, 0 to 1000, as features of the items; an item has up to eight, which match its taste. Default 0. */
  readonly tags?: number | undefined
  /** Number of items without rows, of which only title, genres and tags are known. Default 0. */
  readonly cold?: number | undefined
  /** Probability that a user's next item is the planted successor of an earlier one, 0 to 1. Default 0. */
  readonly sequence?: number | undefined
  /** Distance to that earlier item in the user's sequence, 1 to 16. Default 1. */
  readonly lag?: number | undefined
  /** Kinds of relation between users and items, 1 to `factors`; each uses other dimensions of the tastes. Default 1. */
  readonly relations?: number | undefined
  /** All random choices depend on it. Default 0. */
  readonly seed?: number | undefined
  /** The engine that the data set lives in. Default: the shared engine. */
  readonly engine?: Engine | undefined
}
