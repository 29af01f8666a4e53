import { BiasedMF, Dataset, type Engine } from '../../index.ts'

/** Users and items of the training set. */
const SIZE = 32
const EPOCHS = 5
/** Predictions of the trained model, which are the same to the bit on every machine. */
const KNOWN = [1.4123964309692383, 3.3191957473754883, 1.4823763370513916, 3.2795987129211426]

/** Trains a tiny model, which takes milliseconds, and compares its predictions with the known ones. */
export async function isTrainingRight(engine: Engine): Promise<boolean> {
  const users = Array.from({ length: SIZE * SIZE }, (_, row) => Math.floor(row / SIZE))
  const items = users.map((_, row) => row % SIZE)
  const ratings = users.map((user, row) => 1 + ((user * (row % SIZE)) % 5))
  const data = await Dataset.fromColumns({ user: users, item: items, rating: ratings }, { engine })
  const model = await BiasedMF.create(
    {
      factors: 8,
      learningRate: 0.02,
      learningRateDecay: 1,
      penalty: 0.02,
      biasPenalty: 0.02,
      biasDamping: 0,
      initialDeviation: 0.1,
    },
    { engine },
  )
  await model.fit(data, { epochs: EPOCHS, seed: 1 })
  const predictions = await model.predict(KNOWN.map((_, place) => [place, 2 * place + 1]))
  return predictions.every((prediction, place) => prediction === KNOWN[place])
}
