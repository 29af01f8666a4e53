// Biased MF in TensorFlow.js on its WebAssembly backend: vectorised mini-batches, the same formula, step and penalties.
//
// The gradients are written out, because the backend has no kernel for the gradient of `gather`: rows of a batch are added
// by `scatterND`, which is what sums those of one user or item. It computes on one thread in Node.
import { readFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-wasm'

const BATCH = 4096

const job = JSON.parse(process.argv[2])
// The backend prints what it likes to the console.
console.log = console.info = console.error
const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)

await tf.setBackend('wasm')
const numbers = { users: new Map(), items: new Map() }
const [train, test] = [read(job.train), read(job.test)]
const { factors, initialDeviation, learningRate, penalty, biasPenalty } = job.options
const sides = [
  { ids: 'users', vectors: normal(numbers.users.size, 0), biases: zeros(numbers.users.size) },
  { ids: 'items', vectors: normal(numbers.items.size, 1), biases: zeros(numbers.items.size) },
]
const mean = train.ratings.reduce((sum, rating) => sum + rating, 0) / train.ratings.length

for (let epoch = 0; epoch < job.warmUp + job.epochs; epoch++) {
  const [began, before] = [performance.now(), process.cpuUsage()]
  trainEpoch()
  const seconds = (performance.now() - began) / 1000
  const { user, system } = process.cpuUsage(before)
  const phase = epoch < job.warmUp ? 'warm-up' : 'epoch'
  tell({ phase, seconds, cpu: (user + system) / 1e6, rows: train.ratings.length })
}

const [lowest, highest] = [Math.min, Math.max].map((extreme) => train.ratings.reduce((a, b) => extreme(a, b)))
const predictions = tf.tidy(() =>
  tf.clipByValue(tf.add(formula(looked(test, 0, test.ratings.length)), mean), lowest, highest),
)
const errors = predictions.dataSync().map((prediction, row) => prediction - test.ratings[row])
const meanOf = (values) => values.reduce((sum, value) => sum + value, 0) / values.length
tell({
  phase: 'quality',
  rmse: Math.sqrt(meanOf(errors.map((error) => error ** 2))),
  mae: meanOf(errors.map(Math.abs)),
})
const version = `TensorFlow.js ${tf.version_core}, Node ${process.versions.node}`
tell({ phase: 'end', version, peakMemory: process.resourceUsage().maxRSS * 1024 })
process.exit()

function trainEpoch() {
  shuffle(train)
  for (let from = 0; from < train.ratings.length; from += BATCH) {
    tf.tidy(() => {
      const batch = looked(train, from, Math.min(from + BATCH, train.ratings.length))
      const error = tf.expandDims(tf.sub(tf.sub(tf.tensor1d(batch.ratings), mean), formula(batch)), 1)
      for (const [side, { ids, rows, biases }] of batch.sides.entries()) {
        const other = batch.sides[1 - side].rows
        step(sides[side].vectors, ids, tf.sub(tf.mul(error, other), tf.mul(rows, penalty)))
        step(sides[side].biases, ids, tf.sub(error, tf.mul(biases, biasPenalty)))
      }
    })
  }
}

/** The rows of both sides that a part of the ratings looks up. */
function looked(columns, from, to) {
  const rows = sides.map(({ ids, vectors, biases }) => {
    const index = tf.tensor1d(columns[ids].subarray(from, to), 'int32')
    return { ids: index, rows: tf.gather(vectors, index), biases: tf.gather(biases, index) }
  })
  return { sides: rows, ratings: columns.ratings.subarray(from, to) }
}

function formula({ sides: [user, item] }) {
  return tf.add(tf.sum(tf.mul(user.rows, item.rows), 1), tf.squeeze(tf.add(user.biases, item.biases), [1]))
}

function step(table, ids, gradient) {
  table.assign(tf.add(table, tf.scatterND(tf.expandDims(ids, 1), tf.mul(gradient, learningRate), table.shape)))
}

function normal(rows, table) {
  return tf.variable(tf.randomNormal([rows, factors], 0, initialDeviation, 'float32', job.seed * 2 + table + 1))
}

function zeros(rows) {
  return tf.variable(tf.zeros([rows, 1]))
}

/** Columns of a CSV file with a header, users and items numbered as they appear. */
function read(path) {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(1)
  const columns = { users: new Int32Array(lines.length), items: new Int32Array(lines.length) }
  const ratings = new Float32Array(lines.length)
  for (const [row, line] of lines.entries()) {
    const [user, item, rating] = line.split(',')
    for (const [side, id] of [
      ['users', user],
      ['items', item],
    ]) {
      const known = numbers[side]
      if (!known.has(id)) known.set(id, known.size)
      columns[side][row] = known.get(id)
    }
    ratings[row] = Number(rating)
  }
  return { ...columns, ratings }
}

function shuffle({ users, items, ratings }) {
  for (let row = ratings.length - 1; row > 0; row--) {
    const other = Math.floor(Math.random() * (row + 1))
    for (const column of [users, items, ratings]) [column[row], column[other]] = [column[other], column[row]]
  }
}
