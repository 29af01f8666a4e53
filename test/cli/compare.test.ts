import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { epochTicks, isPowerOfTen, logarithmicTicks } from '../../ts/report/page/ticks.ts'
import { ended, put, run, start, strangers, temporaryFolder } from './support.ts'

const folder = temporaryFolder()
const MODELS = ['--models', 'pop,bias,biased-mf', '--set', 'biased-mf.factors=4']

beforeAll(async () => {
  const sizes = ['--users', '120', '--items', '60', '--ratings', '3000']
  await run(folder, 'data', 'make', '--out', 'ratings.csv', '--items-out', 'items.csv', ...sizes)
  const choices = ['1', '2', '3', '4'].flatMap((user) => ['a', 'b', 'c', 'd', 'e'].map((item) => `${user},${item}\n`))
  put(folder, 'choices.csv', `user,item\n${choices.join('')}`)
})

test('--json prints one document with metrics, intervals and tests for each model', async () => {
  const words = ['--split', 'random:0.2', '--epochs', '5', '--negatives', '20', '--seeds', '0,1', '--k', '5,20']
  const { code, stdout } = await run(folder, 'compare', 'ratings.csv', ...MODELS, ...words, '--json')
  expect(code).toBe(0)
  const { protocol, rows, tables, ...report } = JSON.parse(stdout)
  expect(report).toMatchObject({ data: 'ratings.csv', aborted: false, engine: { build: 'mt' } })
  expect(protocol).toEqual({
    split: 'random:0.2',
    validation: 'random:0.2',
    ranking: 'full',
    excluded: 'train+validation',
    negatives: 20,
    refit: true,
    seeds: [0, 1],
    intervals: { level: 0.95, of: 'users', by: 'bootstrap percentiles', resamples: 2000 },
    tests: { against: 'the best by each metric', by: 'paired permutations', permutations: 10_000, correction: 'Holm' },
  })
  expect(rows).toEqual({ train: 1920, validation: 480, test: 600 })
  const [ranking, rating] = tables
  expect(Object.keys(ranking.models[0].metrics)).toEqual(
    expect.arrayContaining(['ndcg@10', 'recall@20', 'hr@5/20neg', 'coverage@20']),
  )
  const own = rating.models.find(({ model }: { model: string }) => model === 'biased-mf')
  expect(own).toMatchObject({ kind: 'biased-mf', seeds: [0, 1], options: { factors: 4 } })
  expect(own.intervals.rmse.low).toBeLessThan(own.metrics.rmse)
  expect(own.curve.filter(({ phase }: { phase: string }) => phase === 'fit')).toHaveLength(5)
  expect(own.curve[0].value).toBeGreaterThan(0)
  expect(rating.models[1].significance.rmse.corrected).toBeGreaterThan(0)
})

test('prints tables, with a row for a model that failed', async () => {
  const { code, stdout, stderr } = await run(folder, 'compare', 'ratings.csv', ...MODELS, '--epochs', '2')
  expect(code).toBe(0)
  expect(stdout).toMatch(
    /^ranking all items {2}120 users, 120 rows\n +ndcg@10 +vs best +hr@10 +recall@50 +mrr\n(?:\S+ +0\.\d{4}.*\n){3}\n +epochs +training +memory\n/,
  )
  expect(stdout).toMatch(/\npop +0\.\d{4} +\[0\.\d{4}, 0\.\d{4}\] +best/)
  expect(stdout).toMatch(
    /\nbias(ed-mf)?, bias(ed-mf)? predict ratings, and rank by the lower bound of their\npredictions\n/,
  )
  expect(stdout).toMatch(
    /\nTo rank items, use pop: it has the best ndcg@10, 0\.\d{4}, [\s\S]*\nTo predict ratings, use bias(ed-mf)?: /,
  )
  expect(stdout).toMatch(/\npredicting ratings {2}120 users, 120 rows\n +rmse/)
  expect(stdout).toContain('leave-one-out: 2,760 rows for training, 120 for validation, 120 for test')
  expect(stderr).toMatch(/\nbiased-mf: rmse \d\.\d{4}\n/)
  const failed = await run(folder, 'compare', 'choices.csv', '--models', 'bias,pop', '--split', 'random:0.3')
  expect(failed.code).toBe(0)
  expect(failed.stdout).toMatch(/\nbias {2}bias predicts ratings, and the data has none: /)
  expect(failed.stdout).toMatch(/\npop +\d\.\d{4}/)
})

test('the report is one page that loads nothing from the network', async () => {
  const models = ['--models', 'pop,bias,biased-mf,glocal-k', '--set', 'biased-mf.factors=4']
  const small = ['--set', 'glocal-k.hidden=[8]', '--set', 'glocal-k.pretrainEpochs=2']
  const words = ['--items', 'items.csv', '--epochs', '4', '--report', 'report.html', '--json']
  const { code, stdout, stderr } = await run(folder, 'compare', 'ratings.csv', ...models, ...small, ...words)
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('Report written to report.html') })
  const page = readFileSync(join(folder, 'report.html'), 'utf8')
  const [, head = '', body = '', held = ''] =
    /^(<!doctype html>.*)<body>(.*)<script type="application\/json" id="content">(.*?)<\/script>/s.exec(page) ?? []
  expect(`${head}${body}`).not.toMatch(/<(script|link|img)|@import|url\(|https?:/)
  const content = JSON.parse(held)
  expect(content.tables).toEqual(JSON.parse(stdout).tables)
  expect(content.map).toMatchObject({ model: 'biased-mf', metric: 'inner-product', items: 60 })
  expect(content.map.points).toHaveLength(60)
  for (const { x, y, title, genres, rows } of content.map.points) {
    expect([x, y, rows].every(Number.isFinite)).toBe(true)
    expect([title, genres.length > 0]).toEqual([expect.stringMatching(/\(\d{4}\)$/), true])
  }
  const [global, local, ...more] = content.weights
  expect(global).toMatchObject({ model: 'glocal-k', weights: { name: 'global kernel', values: { length: 3 } } })
  expect(local).toMatchObject({ model: 'glocal-k', weights: { name: 'local kernels', values: { length: 2 } } })
  expect(more).toEqual([])
  for (const text of [
    'Models compared on ratings.csv',
    'best by rmse',
    'npx tastespace compare ratings.csv --models pop,bias,biased-mf,glocal-k --set biased-mf.factors=4 --set',
    `SHA-256 ${createHash('sha256')
      .update(readFileSync(join(folder, 'items.csv')))
      .digest('hex')}`,
    '<dt>density</dt>',
    'few interactions',
    'held out',
    'Popularity and coverage',
    'Weights of glocal-k',
    'data-plot="map"',
    'Holm',
  ]) {
    expect(body).toContain(text)
  }
})

test('the report says how the rows were read and split', async () => {
  const filters = ['--positive-threshold', '3', '--core', '2']
  const words = ['--models', 'pop', '--split', 'random:0.2', '--seed', '7', ...filters, '--report', 'report.html']
  const { code } = await run(folder, 'compare', 'ratings.csv', ...words)
  expect(code).toBe(0)
  const page = readFileSync(join(folder, 'report.html'), 'utf8')
  for (const fact of [
    '<dt>filters</dt><dd>positive threshold 3, core 2</dd>',
    '<dt>split</dt><dd>random:0.2</dd>',
    '<dt>seed</dt><dd>7</dd>',
    `Node ${process.versions.node}; `,
  ]) {
    expect(page).toContain(fact)
  }
})

test('the report has a training chart only if a model trains for several epochs', async () => {
  for (const [epochs, charts] of [
    ['1', 0],
    ['2', 1],
  ] as const) {
    const words = ['--models', 'bias,biased-mf', '--set', 'biased-mf.factors=2', '--epochs', epochs]
    const { code } = await run(folder, 'compare', 'ratings.csv', ...words, '--report', 'report.html')
    expect(code).toBe(0)
    const body = readFileSync(join(folder, 'report.html'), 'utf8').split('<script')[0] ?? ''
    expect(body.match(/data-plot="curves"/g) ?? []).toHaveLength(charts)
  }
})

test.each([
  [1, [0, 1]],
  [4, [0, 1, 2, 3, 4]],
  [10, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
  [23, [0, 5, 10, 15, 20]],
  [1000, [0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]],
])('the axis of %d epochs has ticks at whole numbers', (last, ticks) => {
  expect(epochTicks(last)).toEqual(ticks)
})

test.each([
  [0.084, 0.4, [0.05, 0.1, 0.2, 0.5]],
  [0.3, 0.3, [0.2, 0.5]],
  [5, 5, [5, 10]],
  [0.001, 0.001, [0.001, 0.002]],
  [0.002, 7, [0.001, 0.01, 0.1, 1, 10]],
])('the axis from %d to %d seconds has ticks around both', (low, high, ticks) => {
  expect(logarithmicTicks(low, high)).toEqual(ticks)
})

test('on a phone only powers of ten are ticks', () => {
  expect(logarithmicTicks(0.002, 0.7).filter(isPowerOfTen)).toEqual([0.01, 0.1, 1])
})

test('Ctrl-C keeps the results of completed models', async () => {
  const words = ['--models', 'bias,biased-mf', '--set', 'biased-mf.factors=4096', '--patience', '200', '--json']
  const child = start(folder, ['compare', 'ratings.csv', ...words])
  const end = ended(child)
  child.stderr?.on('data', (text: string) => {
    if (text.includes('bias: rmse')) child.kill('SIGINT')
  })
  const { code, stdout } = await end
  expect(code).toBe(0)
  const { aborted, tables } = JSON.parse(stdout)
  const told = tables[0].models.map(({ model, error }: { model: string; error?: { code: string } }) => [
    model,
    error?.code,
  ])
  expect([aborted, told]).toEqual([
    true,
    [
      ['bias', undefined],
      ['biased-mf', 'cancelled'],
    ],
  ])
})

test.each([
  [['--models', 'cnl'], "unknown model kind 'cnl'"],
  [['--models', 'pop,'], 'Accepted are names between commas'],
  [['--models', 'pop', '--set', 'bias.damping=3'], "'bias' is not among the models"],
  [['--set', 'factors=3'], 'name the kind too, such as --set cml.factors=…'],
  [['--set', 'biased-mf.factor=3'], "biased-mf has no option 'factor'"],
  [['--split', 'kfold:5'], 'choose a fold'],
  [['--split', 'random:0.1', '--test', 'ratings.csv'], 'exclude each other'],
  [['--metric', 'best'], "unknown metric 'best'"],
])('rejects %j as misuse', async (words, told) => {
  const { code, stderr } = await run(folder, 'compare', 'ratings.csv', ...words)
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(told) })
})

test('leaves no other files behind', () => {
  expect(strangers(folder, 'ratings.csv', 'items.csv', 'choices.csv', 'report.html')).toEqual([])
})

test('equal ratings are not predicted', async () => {
  const rows = Array.from({ length: 300 }, (_, at) => `${at % 30},${(at * 7 + Math.floor(at / 30)) % 40},1\n`)
  put(folder, 'ones.csv', `user,item,rating\n${rows.join('')}`)
  const { code, stdout, stderr } = await run(folder, 'compare', 'ones.csv', '--epochs', '1', '--json')
  expect(code).toBe(0)
  expect(stderr).toContain(
    'all ratings are 1, so there is nothing to predict: only models that rank items are compared',
  )
  const { tables } = JSON.parse(stdout)
  expect(tables.map(({ task }: { task: string }) => task)).toEqual(['ranking'])

  const words = ['compare', 'ones.csv', '--models', 'bias,pop', '--split', 'random:0.2']
  const chosen = await run(folder, ...words, '--json')
  expect(chosen.stderr).toContain('the models are compared by how they rank items')
  expect(chosen.stderr).not.toContain('No model predicts')
  expect(JSON.parse(chosen.stdout).tables.map(({ task }: { task: string }) => task)).toEqual(['ranking'])
  const asked = await run(folder, ...words, '--task', 'rating')
  expect(asked).toMatchObject({ code: 1, stdout: '' })
  expect(asked.stderr).toContain('compare how models rank items, without --task rating')
})

test('ratings without a pattern are best predicted by their mean', async () => {
  // No user and no item differs from the others by more than chance.
  const rows = Array.from({ length: 2000 }, (_, at) => {
    const hash = createHash('sha256').update(`${at}`).digest()
    return `${hash.readUInt16LE(0) % 100},${hash.readUInt16LE(2) % 100},${(hash.readUInt16LE(4) % 5) + 1}\n`
  })
  put(folder, 'noise.csv', `user,item,rating\n${rows.join('')}`)
  const words = ['--models', 'bias', '--task', 'rating', '--split', 'random:0.2']
  const { code, stderr } = await run(folder, 'compare', 'noise.csv', ...words)
  expect(code).toBe(0)
  expect(stderr).toMatch(/No model predicts ratings better than the mean of the training ratings, with rmse 1\.\d{4}/)
  const planted = await run(folder, 'compare', 'ratings.csv', ...words)
  expect(planted.stderr).not.toContain('No model predicts')
})
