// Similar items: do the ten neighbours of an item share its genres and tags? The mean overlap (Jaccard) over the items with enough
// ratings, of each kind that has similar items; beside it that of random items and of the most popular ones, and how popular the
// neighbours are.
//
//   node bench/similar.mjs --data ml-latest-small --models cml,ease
//
// --rules adds the lists by the plain distance and the plain cosine of the embeddings.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createModel, Dataset, describe } from '../dist/index.mjs'
import { dataFolder } from './lib/data.mjs'
import { remembered } from './lib/remembered.mjs'

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: 'ml-latest-small,ml-100k' },
    models: { type: 'string' },
    set: { type: 'string', default: '{}' },
    rows: { type: 'string', default: '20' },
    k: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    show: { type: 'string', default: 'Toy Story (1995)' },
    rules: { type: 'boolean', default: false },
  },
})
const K = Number(values.k)
const once = remembered('similar', ['bench/similar.mjs'])

const SETS = {
  'ml-latest-small': { ratings: 'ratings.csv', items: 'movies.csv', tags: 'tags.csv' },
  'ml-100k': { ratings: 'u.data', items: 'u.item', other: 'ml-100k.item' },
}

/** The best `K` items for each query by a rule on embeddings. */
async function listsBy(model, queries, rule) {
  const { ids, vectors, dimension, rows } = await model.itemVectors()
  const vector = (index) => vectors.subarray(index * dimension, (index + 1) * dimension)
  const products = (a, b) => a.reduce((sum, value, place) => sum + value * b[place], 0)
  const squares = ids.map((_, index) => products(vector(index), vector(index)))
  const scoreOf = (a, b) => {
    const product = products(vector(a), vector(b))
    return rule === 'distance' ? 2 * product - squares[a] - squares[b] : product / Math.sqrt(squares[a] * squares[b])
  }
  const indices = new Map(ids.map((id, index) => [id, index]))
  const known = ids.flatMap((_, index) => (rows[index] > 0 ? [index] : []))
  return new Map(
    queries.map((id) => {
      const query = indices.get(id)
      const scored = known.flatMap((index) => (index === query ? [] : [[index, scoreOf(query, index)]]))
      return [
        id,
        scored
          .sort((a, b) => b[1] - a[1])
          .slice(0, K)
          .map(([index]) => ids[index]),
      ]
    }),
  )
}

/** The tags of each item: lower-case texts, each counted once. */
function tagsOf(file) {
  const tags = new Map()
  for (const line of readFileSync(file, 'utf8').split('\n').slice(1)) {
    const [, item, tag] = /^\d+,(\d+),(.*),\d+\r?$/.exec(line) ?? []
    if (item === undefined) continue
    const words = tags.get(item) ?? new Set()
    tags.set(item, words.add(tag.replace(/^"|"$/g, '').toLowerCase()))
  }
  return tags
}

/** Genres of items: from the data set, or from RecBole's item file with the years of MovieLens 100K. */
function genresIn(file) {
  const genres = new Map()
  for (const line of readFileSync(file, 'latin1').split('\n').slice(1)) {
    const [id, , , classes] = line.trimEnd().split('\t')
    if (classes) genres.set(id, new Set(classes.split(' ')))
  }
  return genres
}

function jaccard(a, b) {
  const both = [...a].filter((one) => b.has(one)).length
  return both / (a.size + b.size - both)
}

/** The mean over queries of the mean overlap with their neighbours; pairs of which one has no labels do not count. */
function overlap(labels, lists) {
  const means = [...lists].flatMap(([query, neighbours]) => {
    const own = labels.get(query)
    if (!own?.size) return []
    const found = neighbours.flatMap((id) => (labels.get(id)?.size ? [jaccard(own, labels.get(id))] : []))
    return found.length > 0 ? [found.reduce((a, b) => a + b) / found.length] : []
  })
  return means.length > 0 ? means.reduce((a, b) => a + b) / means.length : Number.NaN
}

/** The lists of a kind for the queries by each rule; none if it has no similar items. */
async function neighbours(kind, options, rules, data, queries) {
  const model = await createModel(kind, options)
  if (!model.similarItems || kind === 'pop' || kind === 'bias') return []
  await model.fit(data, { seed: Number(values.seed) })
  const lists = []
  for (const rule of rules) {
    if (rule === 'own') {
      const found = await model.similarItems(queries, { k: K })
      lists.push([rule, found.map((list, at) => [queries[at], list.map(({ item }) => item)])])
    } else if (model.itemVectors) lists.push([rule, [...(await listsBy(model, queries, rule))]])
  }
  model.dispose()
  return lists
}

for (const name of values.data.split(',')) {
  const set = SETS[name]
  const folder = join(dataFolder, name)
  const data = await Dataset.fromFile(join(folder, set.ratings))
  const items = await data.itemIds()
  let genres
  let titles = new Map()
  if (set.other) {
    genres = genresIn(join(folder, set.other))
    const rows = readFileSync(join(folder, set.other), 'latin1').split('\n').slice(1)
    titles = new Map(rows.map((row) => row.split('\t')).map(([id, title, year]) => [id, `${title} (${year})`]))
  } else {
    const text = readFileSync(join(folder, set.items), 'utf8').split('\n').slice(1)
    const rows = text.flatMap((line) => {
      const [, id, title, all] = /^(\d+),(.*),([^,]*?)\r?$/.exec(line) ?? []
      return id === undefined ? [] : [[id, title.replace(/^"|"$/g, ''), all]]
    })
    titles = new Map(rows.map(([id, title]) => [id, title]))
    genres = new Map(rows.map(([id, , all]) => [id, new Set(all.split('|').filter((genre) => !genre.startsWith('(')))]))
  }
  const tags = set.tags ? tagsOf(join(folder, set.tags)) : new Map()
  const pop = await createModel('pop')
  await pop.fit(data)
  const users = await pop.userIds()
  const counts = new Map(items.map((id) => [id, 0]))
  const all = await pop.recommendArrays([users[0]], { k: items.length, seen: 'include' })
  for (const [place, item] of all.items.entries()) counts.set(items[item], all.scores[place])
  const byCount = [...items].sort((a, b) => counts.get(b) - counts.get(a))
  const queries = items.filter((id) => counts.get(id) >= Number(values.rows))
  const medianOf = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]

  console.log(`\n${name}: ${queries.length} items with ${values.rows} or more ratings\n`)
  console.log(
    '| | genres | tags | median ratings of the neighbours | items that are neighbours |\n|---|---|---|---|---|',
  )
  const line = (model, lists) => {
    const found = [...lists.values()].flat()
    const cells = [overlap(genres, lists), overlap(tags, lists)].map((value) =>
      Number.isNaN(value) ? '' : value.toFixed(3),
    )
    console.log(
      `| ${[model, ...cells, medianOf(found.map((id) => counts.get(id))), new Set(found).size].join(' | ')} |`,
    )
  }
  const known = byCount.filter((id) => counts.get(id) > 0)
  // Every item once, for each query another tenth of the way: the mean over all pairs up to a shift.
  line(
    'random items',
    new Map(
      queries.map((id, at) => [id, Array.from({ length: 30 }, (_, n) => known[(at * 31 + n * 97) % known.length])]),
    ),
  )
  line('the most popular', new Map(queries.map((id) => [id, byCount.filter((other) => other !== id).slice(0, K)])))
  const kinds = values.models?.split(',') ?? (await describe()).models.map(({ kind }) => kind)
  for (const kind of kinds) {
    const options = JSON.parse(values.set)[kind] ?? {}
    const rules = ['own', ...(values.rules ? ['distance', 'cosine'] : [])]
    const found = await once([name, kind, options, rules, K, values.rows, values.seed], () =>
      neighbours(kind, options, rules, data, queries),
    )
    for (const [rule, lists] of found) {
      line(rule === 'own' ? `\`${kind}\`` : `\`${kind}\`, plain ${rule}`, new Map(lists))
    }
    const shown = queries.find((id) => titles.get(id) === values.show)
    const own = new Map(found[0]?.[1]).get(shown)
    if (own) console.error(`  ${kind}: ${own.map((id) => titles.get(id)).join('; ')}`)
  }
}
process.exit(0)
