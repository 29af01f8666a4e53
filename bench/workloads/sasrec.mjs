// SASRec, d = 64, one block: the same segments, layers, loss over all items and optimizer for every engine.
import { besidePyTorch } from '../lib/ranking-case.mjs'

const options = {
  factors: 64,
  blocks: 1,
  heads: 1,
  length: 50,
  negatives: 2048,
  dropout: 0.4,
  optimizer: 'adam',
  learningRate: 0.003,
  initialLength: 1,
  batchSize: 64,
}

// No threshold over PyTorch: nearly all time is dense products, and its own have wider vectors and fused multiply-add.
const workload = besidePyTorch('sasrec', options, 0.06)
for (const one of workload.cases) one.bars = one.bars.filter(({ over }) => !over.startsWith('pytorch'))

export default workload
