// A first look, run by `npm start`: trains on generated data (a part of it is in this folder) and shows recommendations.
import { fileURLToPath } from 'node:url'
import { Bias, BiasedMF, CML, Dataset, EASE, Popularity } from 'tastespace'

const line = (text = '') => process.stdout.write(`${text}\n`)
const table = (rows) => {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)))
  for (const row of rows)
    line(`  ${row.map((cell, column) => String(cell).padEnd(widths[column])).join('  ')}`.trimEnd())
}
const path = (file) => fileURLToPath(new URL(file, import.meta.url))

const data = await Dataset.fromFile(path('ratings.csv'), { items: path('films.csv') })
const { rows, users, items } = await data.info()
line(`${rows.toLocaleString('en')} ratings of ${items} invented films by ${users} invented users`)

/** Trains a model of each class, prints the metrics on the test part, and returns the models. */
async function trainAll(classes, { train, test }, metrics) {
  const models = await Promise.all(classes.map((Class) => Class.create()))
  const results = []
  for (const model of models) {
    const { epochs, seconds } = await model.fit(train)
    const { values } = await model.evaluate(test)
    results.push([model.kind, ...metrics.map((name) => values[name].toFixed(4)), epochs, seconds.toFixed(2)])
  }
  table([['model', ...metrics.map((name) => name.toUpperCase()), 'epochs', 'seconds'], ...results])
  return models
}

line("\nTop lists: each user's last film, held out, among all films they have not rated")
const last = await data.split({ by: 'leave-one-out' })
const [, model] = await trainAll([Popularity, EASE, CML], last, ['hr@10', 'ndcg@10'])

line('\nPredicted ratings: 50,000 generated ratings, a random tenth held out')
const generated = await Dataset.synthetic()
await trainAll([Bias, BiasedMF], await generated.split({ by: 'random', test: 0.1 }), ['rmse', 'mae'])

const user = '7'
const [recommended] = await model.recommend([user], { k: 5 })
line(`\nTop films for user ${user}, from ${model.kind}`)
table(recommended.map(({ title, score }, index) => [index + 1, score.toFixed(2), title]))
const [best] = recommended
const similar = await model.similarItems(best.item, { k: 3 })
line(`\nSimilar to “${best.title}”`)
table(similar.map(({ title, score }, index) => [index + 1, score.toFixed(2), title]))

const { build, threads } = model.engine
line(`\nEngine: ${build}, ${threads === 1 ? '1 thread' : `${threads} threads`}`)
line('Your own data:  npx tastespace compare ratings.csv')
