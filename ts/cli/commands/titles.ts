import { Dataset, type Engine, type Model, type ScoredItem } from '../../index.ts'

/** Titles of items by their ids. */
export type Titles = ReadonlyMap<string, string>

/** Titles of a model's items: those in the model, overridden by those in a side file. */
export async function titlesOf(model: Model, engine: Engine, file?: string): Promise<Titles> {
  const titles = pairs(await model.itemIds(), await model.itemTitles())
  if (file === undefined) return new Map(titles)
  // Side files are read as part of a data set: here of one that has all items of the model.
  const item = await model.itemIds()
  const data = await Dataset.fromColumns({ user: item.map(() => 0), item }, { engine, items: file })
  try {
    return new Map([...titles, ...pairs(await data.itemIds(), await data.itemTitles())])
  } finally {
    data.dispose()
  }
}

function pairs(items: readonly string[], titles: readonly string[]): [item: string, title: string][] {
  return items.flatMap((item, place): [string, string][] => (titles[place] ? [[item, titles[place]]] : []))
}

/** Items with their titles. */
export function titled<T extends Pick<ScoredItem, 'item'>>(
  list: readonly T[],
  titles: Titles,
): (T & { title?: string })[] {
  return list.map((entry) => {
    const title = titles.get(entry.item)
    return title === undefined ? entry : { ...entry, title }
  })
}
