import { BiasedMF, Dataset } from 'tastespace'

export const dynamic = 'force-dynamic'

export async function GET() {
  const data = await Dataset.synthetic({ users: 60, items: 40, ratings: 900 })
  const model = await BiasedMF.create()
  await model.fit(data, { epochs: 1 })
  return Response.json({ build: model.engine.build, recommended: await model.recommend(['1']) })
}
