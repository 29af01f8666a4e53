import { Bias, Dataset, type Engine, type Model, type Scored } from '../index.ts'

/** What items are called, by their ids. */
export type Titles = ReadonlyMap<string, string>

/** The titles that a side file has for the items of a model. */
export async function titlesIn(file: string, model: Model, engine: Engine): Promise<Titles> {
  // Only models tell titles: the simplest one, of a single user who has every item, tells those of the file.
  const item = await model.items()
  const [user, rating] = [item.map(() => 0), item.map(() => 0)]
  const data = await Dataset.fromColumns({ user, item, rating }, { engine, items: file })
  const teller = await Bias.create({}, { engine })
  try {
    await teller.fit(data, { epochs: 1 })
    const [all = []] = await teller.recommend([0], { k: item.length, exclude: 'none' })
    return new Map(all.flatMap(({ item, title }): [string, string][] => (title === undefined ? [] : [[item, title]])))
  } finally {
    data.dispose()
    teller.dispose()
  }
}

/** Ranked items with the titles of the side file where there is one, and else the model's own. */
export function titled(list: readonly Scored[], titles: Titles | undefined): readonly Scored[] {
  if (!titles) return list
  return list.map((scored) => {
    const title = titles.get(scored.item)
    return title === undefined ? scored : { ...scored, title }
  })
}
