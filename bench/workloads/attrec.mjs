// AttRec, d = 64, in the paper's form: the same windows, projections, mask, hinge, ball and optimiser for every engine.
import { besidePyTorch } from '../lib/ranking-case.mjs'

const options = {
  factors: 64,
  inputs: 5,
  targets: 3,
  longTerm: 0.3,
  loss: 'hinge',
  margin: 0.5,
  negatives: 1,
  sharedNegatives: false,
  learningRate: 0.05,
  initialAccumulator: 0.05,
  radius: 1,
  batchSize: 1024,
}

export default besidePyTorch('attrec', options, 0.09)
