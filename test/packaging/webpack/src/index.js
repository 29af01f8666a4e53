import { BiasedMF, Dataset } from 'tastespace'

const data = await Dataset.synthetic({ users: 60, items: 40, ratings: 900 })
const model = await BiasedMF.create()
await model.fit(data, { epochs: 1 })
window.told = { build: model.engine.build, recommended: await model.recommend(['1']) }
