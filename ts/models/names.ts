import { unpackTexts } from '../data/ids.ts'
import type { Ranked } from '../engine/calls.ts'
import { ask, type EngineObject } from '../engine/handle.ts'
import { TastespaceError } from '../errors.ts'
import type { Entity, Explanation, ScoredItem, Slot } from './answers.ts'

/** Ranked items that are returned as objects, of some 100 bytes each. More would abort the process. */
const MOST_OBJECTS = 5_000_000

/** An explanation as the engine returns it: items by their indices. */
export interface ExplanationByIndex {
  readonly parts: readonly [string, number][]
  readonly items: readonly [number, number][]
  readonly nearest: readonly [number, number][]
  readonly features: readonly [string, number][]
  readonly weights: readonly {
    readonly name: string
    readonly rows: readonly EntityByIndex[]
    readonly columns: readonly EntityByIndex[]
    readonly values: readonly number[]
  }[]
}

interface EntityByIndex {
  readonly item?: number
  readonly name?: string
}

/** A slot as the engine returns it. */
export interface SlotByIndex {
  readonly slot: number
  readonly share: number
  readonly items: readonly [number, number][]
  readonly words: readonly [string, number][]
  readonly pairs: readonly [number, number, number][]
}

/** Ids and titles of a model's items, which turn the engine's indices into what callers see. */
export class ItemNames {
  #indices: ReadonlyMap<string, number> | undefined

  private constructor(
    readonly ids: readonly string[],
    readonly titles: readonly string[],
  ) {}

  static async of(model: EngineObject): Promise<ItemNames> {
    // Both at once, so that no training comes between them.
    const [ids, titles] = await Promise.all([ask(model, 'names', 'items'), ask(model, 'names', 'titles')])
    return new ItemNames(unpackTexts(ids), unpackTexts(titles))
  }

  /** The index of an id. */
  indexOf(id: string): number | undefined {
    this.#indices ??= new Map(this.ids.map((id, index) => [id, index]))
    return this.#indices.get(id)
  }

  item(index: number): { item: string; title?: string } {
    const title = this.titles[index]
    return { item: this.ids[index] ?? '', ...(title && { title }) }
  }

  ranked({ items, scores, ends }: Ranked): ScoredItem[][] {
    if (items.length > MOST_OBJECTS) {
      throw new TastespaceError(
        'memory/too-large',
        `${items.length} recommendations are too many objects for JavaScript's memory: expected at most ${MOST_OBJECTS}; ` +
          'ask for fewer users at a time, lower k, or use recommendArrays',
        { objects: items.length, limit: MOST_OBJECTS },
      )
    }
    // Without spreading objects, which takes longer than the scores.
    return listsOf(ends, (place) => {
      const index = items[place] ?? 0
      const item = this.ids[index] ?? ''
      const title = this.titles[index]
      const score = scores[place] ?? 0
      return title ? { item, title, score } : { item, score }
    })
  }

  explanation({ parts, items, nearest, features, weights }: ExplanationByIndex): Explanation {
    const entity = ({ item, name = '' }: EntityByIndex): Entity => (item === undefined ? { name } : this.item(item))
    return {
      parts: parts.map(([name, value]) => ({ name, value })),
      items: items.map(([index, value]) => ({ ...this.item(index), value })),
      nearest: nearest.map(([index, distance]) => ({ ...this.item(index), distance })),
      features: features.map(([name, value]) => ({ name, value })),
      weights: weights.map(({ name, rows, columns, values }) => ({
        name,
        rows: rows.map(entity),
        columns: columns.map(entity),
        values: rows.map((_, row) => values.slice(row * columns.length, (row + 1) * columns.length)),
      })),
    }
  }

  slot({ slot, share, items, words, pairs }: SlotByIndex, userIds: readonly string[]): Slot {
    return {
      slot,
      share,
      items: items.map(([index, value]) => ({ ...this.item(index), value })),
      words: words.map(([name, times]) => ({ name, times })),
      pairs: pairs.map(([user, index, value]) => ({ user: userIds[user] ?? '', ...this.item(index), value })),
    }
  }
}

/** A list for each query from `ends`, where each ends among all places. */
export function listsOf<T>(ends: Uint32Array, at: (place: number) => T): T[][] {
  let from = 0
  return Array.from(ends, (end) => {
    const list: T[] = []
    for (; from < end; from++) list.push(at(from))
    return list
  })
}

const known = new WeakMap<EngineObject, Promise<ItemNames>>()

/** The names of a model's items, which are read once and valid until it is trained again. */
export function itemNames(model: EngineObject): Promise<ItemNames> {
  const names = known.get(model) ?? ItemNames.of(model)
  known.set(model, names)
  // An error, such as that it is not fitted yet, is not kept.
  names.catch(() => known.get(model) === names && known.delete(model))
  return names
}

/**
 * An answer with the names that its indices mean. `answer` has to be asked in the same turn: the engine takes calls in order, so
 * no training can come between an answer and its names.
 */
export async function named<T>(model: EngineObject, answer: Promise<T>): Promise<[T, ItemNames]> {
  const names = itemNames(model)
  // What is wrong with the question is said before what is wrong with the names.
  names.catch(() => {})
  return [await answer, await names]
}

/** Reads the names anew when they are next needed. It is called where a call is sent that changes them. */
export function forgetNames(model: EngineObject): void {
  known.delete(model)
}
