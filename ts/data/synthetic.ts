import { keysOf } from '../arguments.ts'
import type { Engine } from '../engine/engine.ts'
import type { SyntheticFields } from './generated/options.ts'

/**
 * Options of the generator. A rating is mean + user bias + item bias + taste · match + noise, rounded to whole stars from 1
 * to 5, where match is the inner product of the user's and the item's tastes. Users choose items by popularity and match.
 */
export interface SyntheticOptions extends SyntheticFields {
  /** The engine that the data set lives in. Default: the shared engine. */
  readonly engine?: Engine | undefined
}

export const SYNTHETIC_KEYS = keysOf<SyntheticOptions>({
  users: true,
  items: true,
  ratings: true,
  genres: true,
  factors: true,
  mean: true,
  userBias: true,
  itemBias: true,
  taste: true,
  noise: true,
  choice: true,
  popularity: true,
  activity: true,
  tags: true,
  cold: true,
  sequence: true,
  lag: true,
  relations: true,
  seed: true,
  engine: true,
})
