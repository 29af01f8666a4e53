// Exact top-100 lists for 1,000 users out of 100,000 items with 64 factors, compared with implicit's `recommend` and faiss's
// flat index: `node bench/topk.mjs [--smoke] [--repetitions N] [--no-record]`.
//
// Every engine has the same embeddings, of a barely trained `bpr` model, and answers all queries at once. Its lists are
// checked before its time counts: every item scores at least as high as the last of the exact list, up to rounding.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { BPR, Dataset } from '../dist/index.mjs'
import { Failure, main } from '../scripts/lib/command.mjs'
import { root } from '../scripts/lib/root.mjs'
import { cached } from './lib/cache.mjs'
import { runEngine } from './lib/engine.mjs'
import { named } from './lib/engines.mjs'
import { facts, load, quiet } from './lib/machine.mjs'
import { python } from './lib/python.mjs'
import { keep } from './lib/record.mjs'
import { table } from './lib/report.mjs'
import { pairedRatio, spread } from './lib/statistics.mjs'
import { readTensors } from './lib/tensors.mjs'

const path = (file) => fileURLToPath(new URL(file, import.meta.url))
const inPython = (library) => {
  const found = python()
  return found && { ...found, args: [path('peers/topk.py'), library] }
}
const ours = { program: process.execPath, args: [path('wasm/topk.mjs')] }

/** Number of checked queries; each takes an exact search in JavaScript. */
const CHECKED = 20

/** Targets: `of` answers `atLeast` times the queries per second of `over`. */
const BARS = [
  { of: 'wasm ×1', over: 'faiss ×1', atLeast: 1 },
  { of: 'wasm ×1', over: 'implicit ×1', atLeast: 0.5 },
]

await main(async () => {
  const { values: flags } = parseArgs({
    options: { smoke: { type: 'boolean' }, repetitions: { type: 'string' }, 'no-record': { type: 'boolean' } },
  })
  const size = flags.smoke ? { users: 100, items: 3000, factors: 64 } : { users: 1000, items: 100_000, factors: 64 }
  const kept = !(flags.smoke || flags['no-record'] || flags.repetitions)
  if (kept && !(await quiet(10, (now) => note(`The machine is busy (load ${now.toFixed(2)}): waiting`)))) {
    throw new Failure('The machine stayed busy. Try again later, or measure with --no-record.')
  }
  const before = load()
  const file = await modelOf(size)
  const k = 100
  const job = { file, k, warmUp: 1, rounds: flags.smoke ? 1 : 2 }
  const [first] = [exactLists(file, k)]
  const results = [
    { engine: 'wasm', threads: 1, command: ours },
    { engine: 'wasm', threads: 2, command: ours },
    ...['implicit', 'faiss'].flatMap((library) =>
      [1, 2].map((threads) => ({ engine: library, threads, command: inPython(library) })),
    ),
  ].map((entry) => ({ ...entry, name: named(entry.engine, entry.threads), rates: [], answer: undefined }))
  const repetitions = Number(flags.repetitions ?? (flags.smoke ? 1 : 5))
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (const result of results) {
      if (!result.command) result.skipped = 'not installed: node bench/peers/setup.mjs'
      else if (result.threads > availableParallelism()) result.skipped = 'more threads than cores'
      if (result.skipped || result.wrong) continue
      const outcome = await runEngine(result.name, result.command, { ...job, threads: result.threads })
      result.wrong = wrong(outcome.quality.lists, first)
      result.version = outcome.version
      result.rates.push(outcome.rows / outcome.seconds)
    }
  }
  const text = told(results, size, k)
  process.stdout.write(`${text}\n`)
  if (results.some((result) => result.wrong)) process.exitCode = 1
  if (!kept) return
  const lines = results.flatMap(({ engine, threads, rates }) =>
    rates.map((rate, repetition) => [engine, threads, repetition + 1, rate.toFixed(1)].join(',')),
  )
  const versions = Object.entries({ ...facts(), 'load before': before, 'load after': load() })
  const environment = versions.map(([name, value]) => `${name}: ${value}`).join('\n')
  const base = keep('topk', 'engine,threads,repetition,queries_per_second', lines, `${text}\n\n${environment}`)
  note(`Kept: ${relative(root, base)}.csv, .txt`)
})

/** The path of a model file with embeddings of this size, which is written if missing. */
async function modelOf({ users, items, factors }) {
  const file = join(cached('topk'), `bpr-${users}-${items}-${factors}.safetensors`)
  if (existsSync(file)) return file
  mkdirSync(dirname(file), { recursive: true })
  // Each user has items of their own, so that every item occurs.
  const column = (value) => Array.from({ length: items }, (_, row) => value(row))
  const data = await Dataset.fromColumns({
    user: column((row) => row % users),
    item: column((row) => row),
  })
  const options = { factors, learningRate: 1e-6, penalty: 0, biasPenalty: 0, initialDeviation: 0.1 }
  const model = await BPR.create(options)
  await model.fit(data, { epochs: 1 })
  writeFileSync(`${file}.part`, await model.toBytes())
  renameSync(`${file}.part`, file)
  return file
}

/** For each checked query: the scores of all items in f64, and the lowest score of the exact list. */
function exactLists(file, k) {
  const { user_vectors: users, item_vectors: items } = readTensors(readFileSync(file))
  const [count, d] = items.shape
  return Array.from({ length: CHECKED }, (_, user) => {
    const scores = new Float64Array(count)
    for (let item = 0; item < count; item++) {
      let score = 0
      for (let f = 0; f < d; f++) score += users.values[user * d + f] * items.values[item * d + f]
      scores[item] = score
    }
    return { scores, last: Float64Array.from(scores).sort().at(-k) }
  })
}

/** Why the lists are not accepted, if they are not. Tolerates rounding, and biases of about 1e-6, which peers leave out. */
function wrong(lists, exact) {
  for (const [query, { scores, last }] of exact.entries()) {
    const list = lists[query] ?? []
    if (new Set(list).size !== list.length || list.length !== 100) return `query ${query} has ${list.length} items`
    const low = list.find((item) => !(scores[item] >= last - 1e-5))
    if (low !== undefined) return `query ${query} lists item ${low} of score ${scores[low]}, and the 100th has ${last}`
  }
}

function told(results, { users, items, factors }, k) {
  const rows = results.map(({ name, rates, skipped, wrong }) => {
    if (skipped || wrong) return [name, skipped ?? `WRONG: ${wrong}`, '', '']
    const { median, min, max } = spread(rates)
    return [name, ...[median, min, max].map((rate) => rate.toFixed(0))]
  })
  const bars = BARS.map(({ of, over, atLeast }) => {
    const [own, other] = [of, over].map((name) => results.find((result) => result.name === name))
    const bar = `${of} at least ${atLeast} of ${over}`
    if (own.rates.length === 0 || other.rates.length === 0) return `bar not measured: ${bar}`
    const ratio = pairedRatio(own.rates, other.rates)
    return `bar ${ratio >= atLeast ? 'held' : 'MISSED'}: ${bar}: ${ratio.toFixed(2)}`
  })
  const title = `Exact top-${k} of ${items} items with ${factors} factors, ${users} queries at once`
  const head = ['engine', 'queries/s', 'min', 'max']
  return [title, table([head, ...rows]), bars.join('\n')].join('\n\n')
}

function note(text) {
  process.stderr.write(`${text}\n`)
}
