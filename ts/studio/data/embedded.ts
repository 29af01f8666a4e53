import { Dataset, type SyntheticOptions } from 'tastespace'

/** The set that the page has without a file: invented films, with tastes, popularity and order that models can find. */
export const EMBEDDED = {
  users: 800,
  items: 500,
  ratings: 24_000,
  genres: 6,
  activity: 0.5,
  choice: 10,
  popularity: 0.4,
  sequence: 0.4,
} as const satisfies SyntheticOptions

export const EMBEDDED_NAME = 'Invented films'

export const embedded = (engine: SyntheticOptions['engine']) => Dataset.synthetic({ ...EMBEDDED, engine })
