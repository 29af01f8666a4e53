const { BiasedMF, Dataset } = require('tastespace')

async function main() {
  const data = await Dataset.synthetic({ users: 60, items: 40, ratings: 900 })
  const model = await BiasedMF.create()
  await model.fit(data, { epochs: 1 })
  console.log(JSON.stringify({ build: model.engine.build, recommended: await model.recommend(['1']) }))
}

main()
