// The same questions for a model of the whole package and for one in a Worker.

/** What a model answers, or the code with which it refuses. */
export async function answers(model) {
  const asked = {
    users: () => model.recommend(['1', '2', '3', '7'], { k: 5 }),
    left: () => model.recommend('4', { k: 3, exclude: ['1', '2'], seen: 'include' }),
    candidates: () => model.recommend(['5'], { k: 3, candidates: ['3', '4', '5', '6'] }),
    visitor: () => model.recommendFor([{ item: '3', rating: 5 }, { item: '8' }], { k: 5 }),
    similar: () => model.similarItems?.(['1', '9'], { k: 4 }),
    users_like: () => model.similarUsers?.('1', { k: 4 }),
    predicted: async () =>
      Array.from(
        await model.predict([
          ['1', '2'],
          ['3', '4'],
        ]),
      ),
    explained: () => model.explain('1', '2'),
    explained_for: () => model.explainFor([{ item: '3', rating: 5 }, { item: '8' }], ['1', '2']),
    unknown: () => model.recommend('nobody'),
    titles: () => model.itemTitles(),
    found: () => model.find('a', { k: 3 }),
    seen: async () => Array.from((await model.seenItems()).items),
    info: () => model.info(),
  }
  const found = {}
  for (const [name, ask] of Object.entries(asked)) {
    found[name] = await (async () => ask())().catch(({ code, message }) => ({ code, message }))
  }
  return found
}
