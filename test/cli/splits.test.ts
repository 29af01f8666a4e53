import { join } from 'node:path'
import { loadModel } from 'tastespace'
import { beforeAll, expect, test } from 'vitest'
import { put, run, strangers, temporaryFolder } from './support.ts'

const folder = temporaryFolder()
const RATINGS = 'ratings.csv'
const out: string[] = []

beforeAll(async () => {
  await run(folder, 'data', 'make', '--out', RATINGS, '--users', '120', '--items', '60', '--ratings', '3000')
})

async function train(split: string, ...words: string[]) {
  const file = `${out.length}.st`
  out.push(file)
  const model = ['--model', 'biased-mf', '--set', 'factors=4', '--patience', '3', '--out', file]
  const { code, stdout, stderr } = await run(folder, 'train', RATINGS, ...model, '--split', split, '--json', ...words)
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  const info = await (await loadModel(join(folder, file))).info()
  return { report: JSON.parse(stdout), stderr, rows: info.fitted ? info.training.rows : 0 }
}

const METRICS = { rmse: expect.any(Number), mae: expect.any(Number) }

test.concurrent.each([
  ['random:0.1', 'random:0.1', 2700],
  ['random:.1;seed=3', 'random:.1;seed=3', 2700],
  ['per-user:0.6,0.2,0.2;min=5', 'per-user:0.6,0.2,0.2;min=5', undefined],
  ['per-user:0.8,0.2', 'per-user:0.8,0.2', undefined],
  ['leave-one-out', 'leave-one-out', 2880],
  ['leave-one-out;order=rows', 'leave-one-out;order=rows', 2880],
  ['time:0.2', 'time:0.2', 2400],
  ['time', 'time:0.1', 2700],
  ['kfold:3;fold=1', 'random:0.1', 2000],
])('%s holds out a test part and validates by %s', async (split, validation, rows) => {
  const trained = await train(split)
  const { report } = trained
  expect(report.protocol).toEqual({ split, validation, refit: true, seed: 0 })
  expect(report).toMatchObject({ metrics: METRICS, validation: METRICS })
  expect(report.metrics.rmse).toBeLessThan(1.3)
  // The final model is trained on all rows outside the test part.
  if (rows !== undefined) expect(trained.rows).toBe(rows)
})

test('user:0.2 folds in held-out users from their given rows, also in validation', async () => {
  const { report, stderr, rows } = await train('user:0.2')
  const { givenRows, ...protocol } = report.protocol
  expect(protocol).toEqual({ split: 'user:0.2', validation: 'user:0.2', refit: true, seed: 0 })
  expect(givenRows).toBeGreaterThan(100)
  expect(stderr).toContain('(user:0.2)')
  // All rows of the 96 other users, including the given rows of the validation users.
  expect(rows).toBeLessThan(3000 - 2 * givenRows + 50)
  const nothing = await train('user:0.2;given=0')
  expect(report.metrics.rmse).toBeLessThan(nothing.report.metrics.rmse)
  expect(report.cold).toBeLessThan(nothing.report.cold)
})

test('with --epochs nothing is held out for validation', async () => {
  const { report, rows } = await train('per-user:0.6,0.2,0.2', '--epochs', '2')
  expect(report.protocol).toMatchObject({ validation: 'none', refit: false })
  expect(report).toMatchObject({ epochs: 2, validation: {} })
  expect(rows).toBeGreaterThan(2300)
})

test('kfold:3 evaluates each fold and saves a model trained on all rows', async () => {
  // Without a mean there is no start to choose, so that each fold has epochs.
  const { report, rows } = await train('kfold:3', '--set', 'mean=false')
  expect(rows).toBe(3000)
  expect(report.protocol).toEqual({
    split: 'kfold:3',
    validation: 'random:0.1',
    refit: true,
    kept: 'all rows',
    seed: 0,
  })
  const { folds, metrics, spread, epochs, cold } = report
  expect(folds).toHaveLength(3)
  expect(folds[0]).toMatchObject({ metrics: METRICS, validation: METRICS, rows: 1000, stopped: expect.any(String) })
  const errors: number[] = folds.map((fold: { metrics: { rmse: number } }) => fold.metrics.rmse)
  expect(metrics.rmse).toBeCloseTo(errors.reduce((a, b) => a + b) / 3, 10)
  expect(spread.rmse).toBeGreaterThan(0)
  expect(spread.rmse).toBeLessThan(Math.max(...errors) - Math.min(...errors))
  const all: number[] = folds.map((fold: { epochs: number }) => fold.epochs)
  expect(epochs).toBe(Math.round(all.reduce((a, b) => a + b) / 3))
  expect(cold).toBe(folds.reduce((sum: number, fold: { cold: number }) => sum + fold.cold, 0))
})

test('prints the metrics of each fold', async () => {
  const words = ['--model', 'bias', '--split', 'kfold:2', '--out', 'people.st']
  const { stdout } = await run(folder, 'train', RATINGS, ...words)
  expect(stdout).toMatch(/^bias {2}2 folds, .*\n {10}rmse {5}mae\nfold 1 {2}\d\.\d{4} .*1,500 rows.*; 1 epoch\nfold 2/)
  expect(stdout).toMatch(
    /\nmean {4}\d\.\d{4} {2}\d\.\d{4}\n± {7}\d\.\d{4} .*\ntrained on all rows for 1 epoch, written to people/,
  )
})

test('reports that a split needs timestamps which the data does not have', async () => {
  put(folder, 'timeless.csv', 'user,item,rating\na,x,1\na,y,4\nb,y,5\n')
  const words = ['train', 'timeless.csv', '--model', 'bias', '--out', 'o.st']
  const { code, stderr } = await run(folder, ...words, '--split', 'leave-one-out', '--quiet')
  expect(code).toBe(1)
  expect(stderr).toMatch(/^tastespace: .*time.*order = "rows", or name the column of times \(--columns time=NAME\)\n$/)
})

test('leaves no other files behind', () => {
  expect(strangers(folder, RATINGS, 'timeless.csv', 'people.st', ...out)).toEqual([])
})
