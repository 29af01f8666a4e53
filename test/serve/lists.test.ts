import { CML, Dataset, EASE, type Model, type ScoredItem } from 'tastespace'
import { createHandler, type ServableModel } from 'tastespace/serve'
import { expect, test } from 'vitest'
import { data, post, trained } from './support.ts'

const model = await trained()
const handler = createHandler(model)
const genres = await model.genres()
const ids = await model.itemIds()
const genresOf = (item: string) => genres[ids.indexOf(item)] ?? []
const users = (await model.userIds()).slice(0, 40)

/** The whole list of each user. */
const whole = await model.recommend(users, { k: ids.length })

/** The items of each user's list. */
async function lists(body: object, service = handler): Promise<ScoredItem[][]> {
  const answer = await post(service, '/recommend', { users, ...body })
  expect(answer.status).toBe(200)
  return answer.body.users.map(({ items }: { items: ScoredItem[] }) => items)
}

test('requests that are answered together have the answers of single ones', async () => {
  const calls: number[] = []
  const recommendArrays: Model['recommendArrays'] = (asked, options) => {
    calls.push(asked.length)
    return model.recommendArrays(asked, options)
  }
  const recommendFor = ((histories: never, options: never) => {
    calls.push(1)
    return model.recommendFor(histories, options)
  }) as Model['recommendFor']
  const counted = createHandler(observed(model, { recommendArrays, recommendFor }))
  const bodies = Array.from({ length: 200 }, (_, at) => ({
    ...(at % 3 === 0
      ? { history: [1 + (at % 140), 2 + (at % 140)] }
      : { users: [users[at % 40], users[(at * 7) % 40]] }),
    k: at % 2 === 0 ? 5 : 8,
    ...(at % 5 === 0 && { filter: { genres: { none: ['Drama'] } } }),
  }))
  const together = await Promise.all(bodies.map((body) => post(counted, '/recommend', body)))
  const calledTogether = calls.length
  for (const [at, body] of bodies.entries()) {
    const alone = await post(handler, '/recommend', body)
    expect(alone.status).toBe(200)
    expect(together[at]?.body).toEqual(alone.body)
  }
  expect(calledTogether).toBeLessThan(100)
})

test('one of several requests that are answered together may be refused', async () => {
  const bodies = Array.from({ length: 30 }, (_, at) => ({ history: [{ item: 1, rating: at === 17 ? 99 : 5 }] }))
  const answers = await Promise.all(bodies.map((body) => post(handler, '/recommend', body)))
  expect(answers.map(({ status }) => status)).toEqual(bodies.map((_, at) => (at === 17 ? 422 : 200)))
})

test.each([
  ['any', { any: ['Drama', 'Comedy'] }, (of: string[]) => of.includes('Drama') || of.includes('Comedy')],
  ['all', { all: ['Drama', 'Romance'] }, (of: string[]) => of.includes('Drama') && of.includes('Romance')],
  ['none', { none: ['Drama', 'Comedy'] }, (of: string[]) => !of.includes('Drama') && !of.includes('Comedy')],
  [
    'any and none',
    { any: ['Drama'], none: ['Romance'] },
    (of: string[]) => of.includes('Drama') && !of.includes('Romance'),
  ],
  ['an unknown value', { any: ['Opera'] }, () => false],
  ['no value', { any: [] }, () => false],
])('a filter by %s of the genres is exact', async (_, condition, passes) => {
  const expected = whole.map((list) => list.filter(({ item }) => passes(genresOf(item))))
  for (const k of [3, 1000]) {
    expect(await lists({ k, filter: { genres: condition } })).toEqual(expected.map((list) => list.slice(0, k)))
  }
  // Together with candidates, which the engine chooses from.
  const candidates = ids.slice(0, 60)
  const among = expected.map((list) => list.filter(({ item }) => candidates.includes(item)).slice(0, 5))
  expect(await lists({ k: 5, candidates, filter: { genres: condition } })).toEqual(among)
})

test('items are filtered by features of the model and by columns of a table', async () => {
  const features = ids
    .map((item, at) => `${item} ${at % 2 === 0 ? 'even' : 'odd'} ${at % 7 === 0 ? 'seventh' : ''}\n`)
    .join('')
  const rows = await Dataset.fromFile('examples/ratings.csv', { features: new TextEncoder().encode(features) })
  const tagged = await CML.create({ factors: 4 })
  await tagged.fit(rows, { epochs: 1 })
  expect((await tagged.features())[7]?.toSorted()).toEqual(['odd', 'seventh'])
  const items = ids.map((id, at) => ({
    id,
    price: at,
    stock: at > 100,
    colors: at % 3 === 0 ? ['red', 'blue'] : 'green',
  }))
  const service = createHandler(tagged, { items: [...items, { id: 'unknown', price: 1 }] })
  const full = await tagged.recommend(users, { k: ids.length })
  const at = ({ item }: ScoredItem) => ids.indexOf(item)
  const expected = (keep: (at: number) => boolean) =>
    full.map((list) => list.filter((item) => keep(at(item))).slice(0, 4))
  const filters = [
    [{ features: { all: ['odd', 'seventh'] } }, (at: number) => at % 2 === 1 && at % 7 === 0],
    [{ features: { none: ['odd'] }, stock: { any: [true] } }, (at: number) => at % 2 === 0 && at > 100],
    [{ colors: { all: ['red', 'blue'] } }, (at: number) => at % 3 === 0],
    [{ price: { any: [3, 4, 5, '77'] } }, (at: number) => [3, 4, 5, 77].includes(at)],
  ] as const
  for (const [filter, keep] of filters) expect(await lists({ k: 4, filter }, service)).toEqual(expected(keep))
  const { body } = await post(service, '/items', { ids: [ids[3]] })
  expect(body.items[0].values).toEqual({ features: ['odd'], price: ['3'], stock: ['false'], colors: ['red', 'blue'] })
  expect((await post(service, '/recommend', { users, filter: { weight: {} } })).body.error.details.accepted).toEqual([
    'features',
    'price',
    'stock',
    'colors',
  ])
  const bad = createHandler(tagged, { items: [{ id: '1', features: 'mine' }] })
  expect((await post(bad, '/recommend', { users })).body.error.code).toBe('config/conflict')
})

test('a boost is added to the score, and the list is that of all items', async () => {
  const boosts = [{ Drama: 0.3 }, { Drama: 1000 }, { Drama: -0.5, Comedy: 0.25, Romance: 0.25 }]
  for (const boost of boosts) {
    const added = (item: string) =>
      genresOf(item).reduce((sum, genre) => sum + ((boost as Record<string, number>)[genre] ?? 0), 0)
    const expected = whole.map((list) =>
      list
        .map(({ score, ...rest }) => ({ ...rest, score: score + added(rest.item) }))
        .sort((a, b) => b.score - a.score || ids.indexOf(a.item) - ids.indexOf(b.item)),
    )
    for (const k of [1, 7]) {
      expect(await lists({ k, boost: { genres: boost } })).toEqual(expected.map((list) => list.slice(0, k)))
    }
    const filter = { genres: { none: ['Thriller'] } }
    const filtered = expected.map((list) => list.filter(({ item }) => !genresOf(item).includes('Thriller')).slice(0, 7))
    expect(await lists({ k: 7, boost: { genres: boost }, filter })).toEqual(filtered)
  }
})

/** The overlap of the genres of two items. */
function overlap(a: string, b: string): number {
  const [one, other] = [new Set(genresOf(a)), new Set(genresOf(b))]
  const shared = [...one].filter((genre) => other.has(genre)).length
  return shared / (one.size + other.size - shared || 1)
}

/** Cosines of the embeddings of two items, centred by training interactions. */
async function cosines(): Promise<(a: string, b: string) => number> {
  const { vectors, dimension, rows } = await model.itemVectors()
  const of = (item: number) => [...vectors.subarray(item * dimension, (item + 1) * dimension)]
  const total = rows.reduce((sum, count) => sum + count, 0)
  const mean = of(0).map((_, at) =>
    ids.reduce((sum, _, item) => sum + ((rows[item] ?? 0) / total) * (of(item)[at] ?? 0), 0),
  )
  const centred = ids.map((_, item) => of(item).map((value, at) => value - (mean[at] ?? 0)))
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0)
  return (a, b) => {
    const [one = [], other = []] = [centred[ids.indexOf(a)], centred[ids.indexOf(b)]]
    return Math.max(0, dot(one, other) / Math.sqrt(dot(one, one) * dot(other, other)))
  }
}

/** Maximal marginal relevance as its paper has it. */
function diversified(
  list: readonly ScoredItem[],
  k: number,
  lambda: number,
  similar: (a: string, b: string) => number,
) {
  const [high = 0, low = 0] = [list[0]?.score, list.at(-1)?.score]
  const chosen: ScoredItem[] = []
  while (chosen.length < k) {
    const values = list.map((item) => {
      if (chosen.includes(item)) return Number.NEGATIVE_INFINITY
      const nearest = chosen.map((other) => similar(item.item, other.item))
      return (lambda * (item.score - low)) / (high - low) - (1 - lambda) * Math.max(0, ...nearest)
    })
    const best = list[values.indexOf(Math.max(...values))]
    if (best) chosen.push(best)
  }
  return chosen
}

test('diversity 1 is the order by score; lower values are maximal marginal relevance', async () => {
  expect(await lists({ k: 10, diversity: 1 })).toEqual(await lists({ k: 10 }))
  const ease = await EASE.create()
  await ease.fit(data)
  // By embeddings, and for a model without any by genres.
  const cases = [
    [handler, await model.recommend(users, { k: 100 }), await cosines()],
    [createHandler(ease), await ease.recommend(users, { k: 100 }), overlap],
  ] as const
  for (const [service, pools, similar] of cases) {
    for (const lambda of [0, 0.3, 0.8]) {
      const expected = pools.map((pool) => diversified(pool, 6, lambda, similar))
      expect(await lists({ k: 6, diversity: lambda }, service)).toEqual(expected)
    }
  }
  const bare = await EASE.create()
  await bare.fit(await Dataset.fromFile('examples/ratings.csv'))
  const refused = await post(createHandler(bare), '/recommend', { users, diversity: 0.5 })
  expect([refused.status, refused.body.error.code]).toEqual([422, 'model/unsupported'])
})

test('unknown users have popular items, or are an error', async () => {
  const rows = await model.itemRows()
  const popular = ids
    .map((item, at) => ({ item, score: rows[at] ?? 0, at }))
    .sort((a, b) => b.score - a.score || a.at - b.at)
    .map(({ item, score }) => ({ item, score }))
  const { body } = await post(handler, '/recommend', {
    users: ['7', 'nobody', '12'],
    k: 4,
    exclude: [popular[0]?.item],
  })
  expect(body.users.map(({ source }: { source: string }) => source)).toEqual(['model', 'popular', 'model'])
  expect(body.users[1].items).toMatchObject(popular.slice(1, 5))
  const [first] = await model.recommend(['7'], { k: 4, exclude: [popular[0]?.item ?? ''] })
  expect(body.users[0].items).toEqual(first)
  for (const history of [[], ['none']]) {
    const visitor = await post(handler, '/recommend', {
      history,
      unknown: 'skip',
      k: 4,
      filter: { genres: { any: ['Drama'] } },
    })
    const dramas = popular.filter(({ item }) => genresOf(item).includes('Drama')).slice(0, 4)
    expect(visitor.body).toMatchObject({ source: 'popular', items: dramas })
  }
  // A user for whom no item is left is known.
  const none = await post(handler, '/recommend', { users: ['7', 'nobody'], candidates: [] })
  expect(none.body.users).toEqual([
    { user: '7', source: 'model', items: [] },
    { user: 'nobody', source: 'popular', items: [] },
  ])
  const strict = createHandler(model, { unknownUsers: 'error' })
  for (const asked of [{ users: ['7', 'nobody'] }, { history: [] }]) {
    const { status, body } = await post(strict, '/recommend', asked)
    expect([status, body.error.code, body.error.details.known]).toEqual([404, 'model/unknown-user', 300])
  }
  expect((await post(handler, '/explain', { user: 'nobody', item: 1 })).body.error.code).toBe('model/unknown-user')
})

/** A model some methods of which are others. */
function observed(model: ServableModel, methods: Partial<ServableModel>): ServableModel {
  return new Proxy(model, {
    get: (of, name) => {
      const value = Reflect.get(methods, name) ?? Reflect.get(of, name)
      return typeof value === 'function' ? value.bind(of) : value
    },
  })
}
