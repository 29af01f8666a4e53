import type { Catalogue } from './catalogue.ts'
import type { Boost, Filter } from './schemas.ts'

/** The items that pass a filter. */
export interface Passing {
  /** 1 or 0 for each item, by index. */
  readonly flags: Uint8Array
  readonly ids: readonly string[]
}

/** The items that pass all conditions of a filter. */
export function passing(catalogue: Catalogue, filter: Filter): Passing {
  const passes = new Uint8Array(catalogue.ids.length).fill(1)
  for (const [field, { any, all = [], none = [] }] of Object.entries(filter)) {
    // An unknown field is an error, also where no value is asked for.
    catalogue.withValue(field, '')
    const items = (value: unknown) => catalogue.withValue(field, String(value))
    if (any !== undefined) keepOnly(passes, any.map(items))
    for (const value of all) keepOnly(passes, [items(value)])
    for (const value of none) for (const index of items(value)) passes[index] = 0
  }
  return { flags: passes, ids: catalogue.ids.filter((_, index) => passes[index] === 1) }
}

/** Keeps the items that are in one of the lists. */
function keepOnly(passes: Uint8Array, lists: readonly (readonly number[])[]): void {
  const listed = new Uint8Array(passes.length)
  for (const list of lists) for (const index of list) listed[index] = 1
  for (let index = 0; index < passes.length; index++) passes[index] = (passes[index] ?? 0) & (listed[index] ?? 0)
}

/** What is added to the scores of items. */
export interface Boosts {
  /** By index; items without an entry have none. */
  readonly of: ReadonlyMap<number, number>
  /** The highest, at least 0. */
  readonly most: number
}

/** The boosts of all items: the sum of those of its values. */
export function boostsOf(catalogue: Catalogue, boost: Boost): Boosts {
  const of = new Map<number, number>()
  for (const [field, values] of Object.entries(boost)) {
    catalogue.withValue(field, '')
    for (const [value, added] of Object.entries(values)) {
      for (const index of catalogue.withValue(field, value)) of.set(index, (of.get(index) ?? 0) + added)
    }
  }
  let most = 0
  for (const added of of.values()) most = Math.max(most, added)
  return { of, most }
}
