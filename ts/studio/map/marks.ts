import type { AnyModel, ScoredItem } from 'tastespace'
import type { Data } from '../data/data.ts'
import { useAnswer } from '../parts/answer.ts'
import { state } from '../state.ts'
import type { Run } from '../train/run.ts'

/** What is marked on the map, by places of items. */
export interface Marks {
  readonly history: readonly number[]
  readonly recommended: readonly number[]
  readonly selected: readonly number[]
}

/** A user's history and top list. */
export interface PersonLists {
  readonly user: string
  readonly history: readonly number[]
  readonly list: readonly ScoredItem[]
}

const places = new WeakMap<Data, ReadonlyMap<string, number>>()

/** The place of each item in the data set. */
export function placesOf(data: Data): ReadonlyMap<string, number> {
  const known = places.get(data) ?? new Map(data.items.map((item, place) => [item, place]))
  places.set(data, known)
  return known
}

const histories = new WeakMap<
  AnyModel,
  Promise<{ readonly users: ReadonlyMap<string, number>; readonly items: Uint32Array; readonly ends: Uint32Array }>
>()

/** The items that a user has in the data set, in the order of the data set's items. */
export async function historyOf({ everything }: Data, user: string): Promise<number[]> {
  const known =
    histories.get(everything) ??
    Promise.all([everything.userIds(), everything.seenItems()]).then(([ids, { items, ends }]) => ({
      users: new Map(ids.map((id, place) => [id, place])),
      items,
      ends,
    }))
  histories.set(everything, known)
  const { users, items, ends } = await known
  const place = users.get(user)
  if (place === undefined) return []
  return [...items.subarray(ends[place - 1] ?? 0, ends[place])]
}

/** The history and the recommendations of the user who is looked at. */
export function usePerson(run: Run | undefined): PersonLists | undefined {
  const data = state.data.value
  const user = state.user.value
  return useAnswer(
    () => (run?.model && data && user !== undefined ? personOf(run.model, data, user) : undefined),
    [run?.id, run?.phase, user, data],
  )
}

async function personOf(model: AnyModel, data: Data, user: string): Promise<PersonLists> {
  const [history, [list = []]] = await Promise.all([
    historyOf(data, user),
    model.recommend([user], { k: 10, unknown: 'skip' }),
  ])
  return { user, history, list }
}

export function marksOf(data: Data, person: PersonLists | undefined, selected: readonly string[]): Marks {
  const known = placesOf(data)
  const at = (items: readonly string[]) => items.flatMap((item) => known.get(item) ?? [])
  return {
    history: person?.history ?? [],
    recommended: at(person?.list.map(({ item }) => item) ?? []),
    selected: at(selected),
  }
}
