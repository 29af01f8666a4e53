// A first look, run by `npm start`: trains on the embedded data set, in which tastes are planted, and shows what comes out.
import { Bias, BiasedMF, Dataset } from 'tastespace'

const line = (text = '') => process.stdout.write(`${text}\n`)
const table = (rows) => {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)))
  for (const row of rows)
    line(
      `  ${row
        .map((cell, column) => String(cell).padEnd(widths[column]))
        .join('  ')
        .trimEnd()}`,
    )
}

const data = await Dataset.synthetic()
const { rows, users, items } = await data.info()
line(
  `${rows.toLocaleString('en')} ratings of ${items} invented films by ${users} invented people; a tenth is held out.\n`,
)

const { train, test } = await data.split({ by: 'random', test: 0.1 })
const results = [['model', 'RMSE', 'MAE', 'epochs', 'seconds', 'engine']]
const models = []
for (const Class of [Bias, BiasedMF]) {
  const model = await Class.create()
  const report = await model.fit(train, {
    onEpoch: ({ phase, epoch, validation }) => {
      const error = validation ? `, validation RMSE ${validation.rmse.toFixed(4)}` : ''
      if (process.stderr.isTTY) process.stderr.write(`\r${model.kind}: ${phase}, epoch ${epoch}${error}\x1b[K`)
    },
  })
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  const { rmse, mae } = await model.evaluate(test)
  const engine = `${model.engine.build}, ${model.engine.threads} threads`
  results.push([model.kind, rmse.toFixed(4), mae.toFixed(4), report.epochs, report.seconds.toFixed(2), engine])
  models.push(model)
}
line('Predicting the held-out ratings (epochs chosen on a validation part, then trained again on all but the test):')
table(results)

const [, model] = models
for (const user of ['1', '2']) {
  const [recommended] = await model.recommend([user], { k: 5 })
  line(`\nFor person ${user}, of what they have not seen:`)
  table(recommended.map(({ title, score }, place) => [place + 1, score.toFixed(2), title]))
  const [best] = recommended
  line(`\nAnd like “${best.title}”:`)
  const similar = await model.similarItems(best.item, { k: 3 })
  table(similar.map(({ title, score }, place) => [place + 1, score.toFixed(2), title]))
}
line('\nYour own ratings:  npx tastespace train ratings.csv --model biased-mf --out model.safetensors')
