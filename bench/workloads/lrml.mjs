// LRML, d = 64, 20 slots, in the paper's form: the same pairs, relations shared with the negative, hinge, ball and optimiser for
// every engine.
import { besidePyTorch } from '../lib/ranking-case.mjs'

const options = {
  factors: 64,
  slots: 20,
  relation: 'shared',
  distance: 'euclidean',
  loss: 'hinge',
  margin: 0.2,
  negatives: 1,
  initialKeyLength: 1,
  initialMemoryLength: 1,
  relationRadius: 0,
  learningRate: 0.05,
  initialAccumulator: 0.05,
  radius: 1,
  batchSize: 1024,
}

export default besidePyTorch('lrml', options, 0.04)
