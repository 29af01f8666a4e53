// A first look, run by `npm start`: trains on a generated data set with planted tastes, and shows the results.
import { Dataset, EASE, ItemKNN, Popularity } from 'tastespace'

const line = (text = '') => process.stdout.write(`${text}\n`)

function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)))
  for (const row of rows) {
    const cells = row.map((cell, column) => String(cell).padEnd(widths[column]))
    line(`  ${cells.join('  ').trimEnd()}`)
  }
}

const data = await Dataset.synthetic({ choice: 3 })
const { rows, users, items } = await data.info()
const size = [rows, users, items].map((count) => count.toLocaleString('en'))
line(`${size[0]} ratings of ${size[2]} invented films by ${size[1]} users; the last film of each user is held out.\n`)

const { train, test } = await data.split({ by: 'leave-one-out' })
const results = [['model', 'HR@10', 'NDCG@10', 'seconds']]
let model
for (const Class of [Popularity, ItemKNN, EASE]) {
  model = await Class.create()
  const { seconds } = await model.fit(train, { epochs: 1 })
  const { values } = await model.evaluate(test)
  results.push([model.kind, values['hr@10'].toFixed(4), values['ndcg@10'].toFixed(4), seconds.toFixed(2)])
}
line('The held-out film among the first 10 of all films (HR@10), and how near the top (NDCG@10):')
table(results)

for (const user of ['1', '2']) {
  const recommended = await model.recommend(user, { k: 5 })
  line(`\nFor user ${user}, without the films that they have rated:`)
  table(recommended.map(({ title }, place) => [place + 1, title]))
  const [best] = recommended
  line(`\nSimilar to “${best.title}”:`)
  table((await model.similarItems(best.item, { k: 3 })).map(({ title }, place) => [place + 1, title]))
}
line('\nYour own ratings:  npx tastespace train ratings.csv --model ease --out model.safetensors')
