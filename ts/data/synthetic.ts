import type { RemoteEngine } from '../engine/remote.ts'

/**
 * What is planted in a generated data set. A rating is mean + the user's bias + the item's bias + taste · match + noise,
 * rounded to whole stars from 1 to 5; users choose items by popularity and match.
 */
export interface SyntheticOptions {
  /** Default 1000. */
  readonly users?: number
  /** Default 600. */
  readonly items?: number
  /** Default 50,000. */
  readonly ratings?: number
  /** Genres, 1 to 18; an item has up to three. Default 12. */
  readonly genres?: number
  /** Dimensions of the tastes, 1 to 64. Default 4. */
  readonly factors?: number
  /** Mean rating before choice, in stars. Default 3.4. */
  readonly mean?: number
  /** Standard deviation of the users' biases, in stars. Default .35. */
  readonly userBias?: number
  /** Standard deviation of the items' biases, in stars. Default .35. */
  readonly itemBias?: number
  /** Standard deviation of what taste adds, in stars. Default .8. */
  readonly taste?: number
  /** Standard deviation of what nobody can know, in stars. Default .75. */
  readonly noise?: number
  /** How strongly users choose what they match, 0 (not at all) to 10. Default 1. */
  readonly choice?: number
  /** Exponent of the items' popularity, 0 (all alike) to 3. Default .7. */
  readonly popularity?: number
  /** Standard deviation of the logarithm of the users' numbers of ratings, 0 (all alike) to 3. Default .6. */
  readonly activity?: number
  /** Tags, 0 to 1000, as features of the items; an item has up to eight, near its taste. Default 0. */
  readonly tags?: number
  /** Items without a row, of which only title, genres and tags are known. Default 0. */
  readonly cold?: number
  /** Odds that a user's next item is the one that follows an earlier choice by the planted rule, 0 to 1. Default 0. */
  readonly sequence?: number
  /** How many choices before that earlier one lies, 1 to 16. Default 1. */
  readonly lag?: number
  /** Kinds of relation between users and items, 1 to `factors`; in each other tastes count. Default 1. */
  readonly relations?: number
  /** Default 0. */
  readonly seed?: number
  /** The engine that it lives in. Default: the one that everything shares. */
  readonly engine?: RemoteEngine
}
