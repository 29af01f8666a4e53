// Exact top-100 lists for 1,000 users out of 100,000 and of 1,000,000 items with 64 factors, compared with implicit's
// `recommend` and faiss's flat index, and the time of one user's top-10 list:
// `node bench/topk.mjs [--smoke] [--items N] [--repetitions N] [--no-record]`.
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

/** Length of the lists. */
const K = 100

/** Number of checked queries; each takes an exact search in JavaScript. */
const CHECKED = 20

/** Numbers of items, and of threads that are tried. */
const CASES = [
  { items: 100_000, threads: [1, 2] },
  { items: 1_000_000, threads: [1] },
]

const USERS = 1000

/** Targets: `of` answers `atLeast` times the queries per second of `over`. */
const BARS = [
  { of: 'wasm ×1', over: 'faiss ×1', atLeast: 2.5 },
  { of: 'wasm ×1', over: 'implicit ×1', atLeast: 1.2 },
]

/** Target: median milliseconds of a call for one user's top 10, of this number of items. */
const SINGLE = { of: 'wasm ×1', items: 100_000, atMost: 3 }

await main(async () => {
  const { values: flags } = parseArgs({
    options: {
      smoke: { type: 'boolean' },
      items: { type: 'string' },
      repetitions: { type: 'string' },
      'no-record': { type: 'boolean' },
    },
  })
  const kept = !(flags.smoke || flags['no-record'] || flags.repetitions || flags.items)
  if (kept && !(await quiet(10, (now) => note(`The machine is busy (load ${now.toFixed(2)}): waiting`)))) {
    throw new Failure('The machine stayed busy. Try again later, or measure with --no-record.')
  }
  const before = load()
  const repetitions = Number(flags.repetitions ?? (flags.smoke ? 1 : 5))
  const cases = flags.smoke ? [{ items: 3000, threads: [1, 2] }] : CASES
  const texts = []
  const lines = []
  for (const { items, threads } of cases.filter(({ items }) => !flags.items || items === Number(flags.items))) {
    const size = { users: flags.smoke ? 100 : USERS, items, factors: 64 }
    const results = await measured(size, threads, repetitions, flags.smoke ? 1 : 2)
    texts.push(told(results, size))
    process.stdout.write(`${texts.at(-1)}\n\n`)
    if (results.some((result) => result.wrong)) process.exitCode = 1
    for (const { engine, threads, rates, singles } of results) {
      rates.forEach((rate, repetition) => {
        lines.push([items, engine, threads, repetition + 1, rate.toFixed(1), singles[repetition]?.toFixed(3)].join(','))
      })
    }
  }
  if (!kept) return
  const versions = Object.entries({ ...facts(), 'load before': before, 'load after': load() })
  const environment = versions.map(([name, value]) => `${name}: ${value}`).join('\n')
  const columns = 'items,engine,threads,repetition,queries_per_second,milliseconds_of_one_user'
  const base = keep('topk', columns, lines, [...texts, environment].join('\n\n'))
  note(`Kept: ${relative(root, base)}.csv, .txt`)
})

/** Every engine's queries per second, engines taking turns. */
async function measured(size, threads, repetitions, rounds) {
  const file = await modelOf(size)
  const job = { file, k: K, warmUp: 1, rounds, singles: 100 }
  const first = exactLists(file)
  const commands = { wasm: ours, implicit: inPython('implicit'), faiss: inPython('faiss') }
  const results = Object.entries(commands).flatMap(([engine, command]) =>
    threads.map((threads) => ({ engine, threads, command, name: named(engine, threads), rates: [], singles: [] })),
  )
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (const result of results) {
      if (!result.command) result.skipped = 'not installed: node bench/peers/setup.mjs'
      else if (result.threads > availableParallelism()) result.skipped = 'more threads than cores'
      if (result.skipped || result.wrong) continue
      const outcome = await runEngine(result.name, result.command, { ...job, threads: result.threads })
      result.wrong = wrong(outcome.quality.lists, first)
      result.version = outcome.version
      result.rates.push(outcome.rows / outcome.seconds)
      if (outcome.quality.single) result.singles.push(outcome.quality.single)
    }
  }
  return results
}

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
function exactLists(file) {
  const { user_vectors: users, item_vectors: items } = readTensors(readFileSync(file))
  const [count, d] = items.shape
  return Array.from({ length: CHECKED }, (_, user) => {
    const scores = new Float64Array(count)
    for (let item = 0; item < count; item++) {
      let score = 0
      for (let f = 0; f < d; f++) score += users.values[user * d + f] * items.values[item * d + f]
      scores[item] = score
    }
    return { scores, last: Float64Array.from(scores).sort().at(-K) }
  })
}

/** Why the lists are not accepted, if they are not. Tolerates rounding, and biases of about 1e-6, which peers leave out. */
function wrong(lists, exact) {
  for (const [query, { scores, last }] of exact.entries()) {
    const list = lists[query] ?? []
    if (new Set(list).size !== list.length || list.length !== K) return `query ${query} has ${list.length} items`
    const low = list.find((item) => !(scores[item] >= last - 1e-5))
    if (low !== undefined)
      return `query ${query} lists item ${low} of score ${scores[low]}, and number ${K} has ${last}`
  }
}

function told(results, { users, items, factors }) {
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
  for (const { name, singles } of results.filter(({ singles }) => singles.length > 0)) {
    const { median } = spread(singles)
    const { of, items: asked, atMost } = SINGLE
    const bar = `the top 10 of one user in at most ${atMost} ms (p50), ${name}`
    const figure = `${median.toFixed(2)} ms`
    bars.push(
      name === of && items === asked
        ? `bar ${median <= atMost ? 'held' : 'MISSED'}: ${bar}: ${figure}`
        : `the top 10 of one user (p50), ${name}: ${figure}`,
    )
  }
  const title = `Exact top-${K} of ${items} items with ${factors} factors, ${users} queries at once`
  const head = ['engine', 'queries/s', 'min', 'max']
  return [title, table([head, ...rows]), bars.join('\n')].join('\n\n')
}

function note(text) {
  process.stderr.write(`${text}\n`)
}
