// The whole state of the page, in one object. The console of the browser shows it as `studio`.
import { signal } from '@preact/signals'
import type { Capabilities, Description, Engine } from 'tastespace'
import type { Data, Problem, Reading, Unnamed } from './data/data.ts'
import type { Recipe } from './take/recipe.ts'
import type { Form, Run } from './train/run.ts'
import type { Liked } from './you/liked.ts'

export const TABS = ['data', 'train', 'map', 'inside', 'you', 'take'] as const
export type Tab = (typeof TABS)[number]

export const state = {
  tab: signal<Tab>('data'),
  engine: signal<Engine | undefined>(undefined),
  capabilities: signal<Capabilities | undefined>(undefined),
  description: signal<Description | undefined>(undefined),
  data: signal<Data | undefined>(undefined),
  reading: signal<Reading | undefined>(undefined),
  /** A file whose columns the library does not recognise: the visitor names them. */
  unnamed: signal<Unnamed | undefined>(undefined),
  /** The last error, in the words of the library. */
  problem: signal<Problem | undefined>(undefined),
  form: signal<Form>({ kind: 'cml', options: {}, seed: 0, epochs: undefined }),
  runs: signal<readonly Run[]>([]),
  /** The run that the map, the insides and the lists show. */
  chosen: signal<number | undefined>(undefined),
  /** The user of the data set that is looked at. */
  user: signal<string | undefined>(undefined),
  /** The items that are selected on the map. */
  selected: signal<readonly string[]>([]),
  liked: signal<readonly Liked[]>([]),
  /** What a link asked for, until it is trained. */
  recipe: signal<Recipe | undefined>(undefined),
}

declare global {
  var studio: typeof state
}
globalThis.studio = state
