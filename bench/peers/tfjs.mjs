// Shared by the TensorFlow.js peers, on its WebAssembly backend: reads job and data, times the epochs, prints lines of JSON
// (`../lib/engine.mjs`). It computes on one thread in Node.
import { readFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-wasm'

/**
 * Columns of ratings, users and items numbered from 0 in the order of their ids.
 * @typedef {{ users: Int32Array, items: Int32Array, ratings: Float32Array }} Rows
 */

/**
 * Trains the job given as the first argument. `peer(job, train, [users, items])` returns `trainEpoch()` and `predict(rows)`, a
 * tensor of ratings. `trainEpoch` may return the number of passes over the ratings.
 */
export async function run(peer) {
  const job = JSON.parse(process.argv[2])
  // The backend prints to the console.
  console.log = console.info = console.error
  const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)
  await tf.setBackend('wasm')
  const { train, test, shape } = read(job.train, job.test)
  const model = peer(job, train, shape)

  for (let epoch = 0; epoch < job.warmUp + job.epochs; epoch++) {
    const [began, before] = [performance.now(), process.cpuUsage()]
    const passes = model.trainEpoch() ?? 1
    const seconds = (performance.now() - began) / 1000
    const { user, system } = process.cpuUsage(before)
    const phase = epoch < job.warmUp ? 'warm-up' : 'epoch'
    tell({ phase, seconds, cpu: (user + system) / 1e6, rows: train.ratings.length * passes })
  }

  const [lowest, highest] = [Math.min, Math.max].map((extreme) => train.ratings.reduce((a, b) => extreme(a, b)))
  const predictions = tf.tidy(() => tf.clipByValue(model.predict(test), lowest, highest)).dataSync()
  const errors = predictions.map((prediction, row) => prediction - test.ratings[row])
  const meanOf = (values) => values.reduce((sum, value) => sum + value, 0) / values.length
  tell({
    phase: 'quality',
    rmse: Math.sqrt(meanOf(errors.map((error) => error ** 2))),
    mae: meanOf(errors.map(Math.abs)),
  })
  const version = `TensorFlow.js ${tf.version_core}, Node ${process.versions.node}`
  tell({ phase: 'end', version, peakMemory: process.resourceUsage().maxRSS * 1024 })
  process.exit()
}

/** The training and test rows of two CSV files with a header; ids are whole numbers. */
function read(...paths) {
  const files = paths.map((path) => {
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(1)
    return lines.map((line) => line.split(',').map(Number))
  })
  const numbers = [0, 1].map((side) => {
    const ids = new Set(files.flat().map((row) => row[side]))
    return new Map([...ids].sort((a, b) => a - b).map((id, number) => [id, number]))
  })
  const [train, test] = files.map((rows) => ({
    users: Int32Array.from(rows, ([user]) => numbers[0].get(user)),
    items: Int32Array.from(rows, ([, item]) => numbers[1].get(item)),
    ratings: Float32Array.from(rows, ([, , rating]) => rating),
  }))
  return { train, test, shape: numbers.map(({ size }) => size) }
}
