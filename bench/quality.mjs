// Quality of the models and their peers: `node bench/quality.mjs [--tables NAME,NAME] [--no-record]`. Held-out RMSE, seed by seed.
// With --all, the scripts of the other tables of docs/results.md follow. At first they run side by side, one on each core, and
// fill the cache: one thread each is faster than one script after another with all threads, and no result depends on threads.
//
// Nothing here is timed, so it may run on a busy machine. Results are kept in the cache, so that a stopped run goes
// on. A row is ours (`kind`), with default or given options, or a peer (`engine`). Without `epochs`, their number is chosen on a tenth of the training rows, and the model trained again on all.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { createModel, Dataset } from '../dist/index.mjs'
import { ask, Failure, main, watch } from '../scripts/lib/command.mjs'
import { root } from '../scripts/lib/root.mjs'
import { dataFolder, filesOf, movieLens100K, movieLens100KAtRandom, rescaled, thinned } from './lib/data.mjs'
import { runEngine } from './lib/engine.mjs'
import { ENGINES } from './lib/engines.mjs'
import { facts } from './lib/machine.mjs'
import { keep } from './lib/record.mjs'
import { remembered } from './lib/remembered.mjs'
import { table } from './lib/report.mjs'

const bias = { label: 'damped biases', kind: 'bias', epochs: 1 }

/** The options of pytorch_d2l.py in our terms. */
const d2l = {
  optimizer: 'adam',
  dense: true,
  mean: false,
  factors: 30,
  learningRate: 0.002,
  learningRateDecay: 1,
  penalty: 1e-5,
  biasPenalty: 1e-5,
  batchSize: 512,
  initialDeviation: 0.01,
}

const ratingKinds = [bias, { label: 'biased MF', kind: 'biased-mf' }, { label: 'GLocal-K', kind: 'glocal-k' }]

const TABLES = [
  {
    name: 'ml-100k-u1',
    title: 'MovieLens 100K, split u1, shipped settings',
    source: () => movieLens100K,
    seeds: [0, 1, 2],
    rows: [
      bias,
      { label: 'biased MF', kind: 'biased-mf' },
      { label: 'biased MF, implicit', kind: 'biased-mf', options: { implicit: true } },
    ],
  },
  {
    name: 'ml-100k-random',
    title: 'MovieLens 100K, a tenth held out at random; the seed is that of the split and of the model',
    source: movieLens100KAtRandom,
    seeds: [1, 2, 3],
    rows: [
      bias,
      { label: 'biased MF', kind: 'biased-mf' },
      { label: 'biased MF, implicit', kind: 'biased-mf', options: { implicit: true } },
      // The best of nine settings on a tenth of the training part of another split (50 to 200 factors, .08 to .1).
      {
        label: 'Surprise SVD, tuned',
        engine: 'surprise',
        options: { factors: 200, learningRate: 0.005, penalty: 0.09, initialDeviation: 0.1 },
        epochs: 150,
      },
    ],
  },
  {
    name: 'ml-100k-d2l',
    title: 'MovieLens 100K, a tenth held out at random, the recipe of Dive into Deep Learning 16.3, 20 epochs',
    source: movieLens100KAtRandom,
    seeds: [1, 2, 3],
    rows: [
      { label: 'biased MF', kind: 'biased-mf', options: d2l, epochs: 20 },
      { label: 'PyTorch', engine: 'pytorch-d2l', options: {}, epochs: 20 },
    ],
  },
  ...[
    ['ml-latest-small', 'MovieLens latest small', (seed) => thinned('ml-latest-small', Number.POSITIVE_INFINITY, seed)],
    ['ml-latest-small-26k', 'a quarter of MovieLens latest small', (seed) => thinned('ml-latest-small', 26_000, seed)],
    ['ml-100k-10k', 'a tenth of MovieLens 100K', (seed) => thinned('ml-100k', 10_000, seed)],
    ['ml-100k-1500', '1,500 ratings of MovieLens 100K', (seed) => thinned('ml-100k', 1_500, seed)],
    [
      'ml-latest-small-100',
      '5,300 ratings of MovieLens latest small, on a scale of 1 to 100',
      (seed) => rescaled('ml-latest-small', 5_300, seed),
    ],
  ].map(([name, title, source]) => ({
    name,
    title: `${title}, a tenth held out at random, default options`,
    source,
    seeds: [1, 2],
    rows: ratingKinds,
  })),
]

const [movieLens, latestSmall] = ['ml-100k/u.data', 'ml-latest-small/ratings.csv']

/** The scripts of the other tables of docs/results.md. */
const OTHERS = [
  ['rankers.mjs', '--models', 'bias,biased-mf,biased-mf+implicit'],
  ['rankers.mjs', '--models', 'glocal-k', '--data', latestSmall],
  ['ials-quality.mjs'],
  ['density.mjs'],
  [
    'density.mjs',
    '--models',
    'pop,bpr,ials,cml,lrml,ease,item-knn',
    '--data',
    `${movieLens},${latestSmall}`,
    '--shares',
    '0.1,0.05',
  ],
  ['similar.mjs', '--rules', '--models', 'attrec,cml,bpr,lrml,ials,ease,item-knn,biased-mf'],
  ['order.mjs', join(dataFolder, latestSmall), '--seeds', '1'],
  ['order.mjs', join(dataFolder, movieLens), '--seeds', '1', '--orders', 'file'],
  ['order.mjs', join(dataFolder, movieLens), '--seeds', '1', '--models', 'attrec', '--orders', 'shuffled'],
  ['regret.mjs'],
]

/** Parts that fill the cache, long ones first. */
const PARTS = [
  ...['attrec', 'lrml', 'sasrec'].map((kind) => ['regret.mjs', '--no-record', '--kinds', kind]),
  ['quality.mjs', '--no-record'],
  ...['ease', 'cml', 'bpr', 'ials', 'item-knn'].map((kind) => ['regret.mjs', '--no-record', '--kinds', kind]),
  ...OTHERS.slice(0, -1).map(([script, ...args]) => [
    script,
    ...args,
    ...(script === 'ials-quality.mjs' ? ['--no-record'] : []),
  ]),
]

await main(async () => {
  const { values: flags } = parseArgs({
    options: { all: { type: 'boolean' }, 'no-record': { type: 'boolean' }, tables: { type: 'string' } },
  })
  if (!existsSync(join(dataFolder, 'ml-100k')))
    throw new Failure(`There is no ml-100k in ${dataFolder} (TASTESPACE_DATA).`)
  if (flags.all) await fill(PARTS)
  const [lines, texts] = [[], []]
  const once = remembered('quality', ['bench/quality.mjs', 'bench/lib/data.mjs', 'bench/peers'])
  const names = flags.tables?.split(',')
  for (const { name, title, source, seeds, rows } of TABLES.filter(({ name }) => names?.includes(name) ?? true)) {
    const cells = [['', ...seeds.map((seed) => `seed ${seed}`), 'mean']]
    for (const row of rows) {
      const found = []
      for (const seed of seeds) {
        const rmse = await once([name, row, seed], async () => measured(row, await filesOf(source(seed)), seed))
        if (rmse === undefined) break
        found.push(rmse)
        lines.push([name, row.label.replace(',', ''), seed, rmse].join(','))
      }
      const mean = found.reduce((sum, rmse) => sum + rmse, 0) / found.length
      if (found.length > 0) cells.push([row.label, ...[...found, mean].map((rmse) => rmse.toFixed(4))])
    }
    texts.push(`${title}: held-out RMSE\n\n${table(cells)}`)
    process.stdout.write(`${texts.at(-1)}\n\n`)
  }
  if (!flags['no-record']) record(lines, texts)
  if (!flags.all) return
  for (const [script, ...args] of OTHERS) {
    process.stdout.write(`\n${[script, ...args].join(' ')}\n\n`)
    const { status } = await watch(process.execPath, [join(root, 'bench', script), ...args])
    if (status !== 0) throw new Failure(`${script} failed (${status})`)
  }
})

/** Runs scripts, each on a core of its own where that can be chosen, and leaves their output out. */
async function fill(parts) {
  const pinned = ask('taskset', ['--version']) !== undefined
  const waiting = parts.values()
  const cores = Array.from({ length: pinned ? availableParallelism() : 1 }, (_, core) => core)
  await Promise.all(
    cores.map(async (core) => {
      // One iterator for all cores: each takes the next part that waits.
      for (const [script, ...args] of waiting) {
        const command = [process.execPath, join(root, 'bench', script), ...args]
        const [program, ...rest] = pinned ? ['taskset', '--cpu-list', `${core}`, ...command] : command
        const child = spawn(program, rest, { stdio: ['ignore', 'ignore', 'inherit'] })
        const status = await new Promise((resolve) => child.on('error', resolve).on('close', resolve))
        if (status !== 0) throw new Failure(`${[script, ...args].join(' ')} failed (${status})`)
      }
    }),
  )
}

function record(lines, texts) {
  const { commit, node } = facts()
  const base = keep(
    'quality',
    'table,model,seed,rmse',
    lines,
    [...texts, `commit: ${commit}\nnode: ${node}`].join('\n\n'),
  )
  process.stderr.write(`Kept: ${relative(root, base)}.csv, .txt\n`)
}

/** The test error of a row; undefined if its peer is not installed. */
async function measured(row, files, seed) {
  if (row.kind) return ourError(row, files, seed)
  const { label, job, start } = ENGINES[row.engine]
  const command = await start()
  if (command.missing) {
    process.stderr.write(`${row.label}: skipped, ${command.missing}\n`)
    return
  }
  const { options, epochs } = row
  const { quality } = await runEngine(label, command, {
    options,
    ...files,
    warmUp: 1,
    epochs: epochs - 1,
    seed,
    threads: 1,
    ...job,
  })
  return quality.rmse
}

async function ourError({ kind, options = {}, epochs }, { train, test }, seed) {
  const parts = await (await Dataset.fromFile(train)).split({ by: 'file', test: await Dataset.fromFile(test) })
  const model = await createModel(kind, options)
  await model.fit(parts.train, { seed, ...(epochs && { epochs }) })
  const { rmse } = (await model.evaluate(parts.test)).values
  model.dispose()
  for (const part of Object.values(parts)) part.dispose()
  return rmse
}
