// Evaluations that would mislead.
import { beforeAll, expect, test } from 'vitest'
import { put, run, temporaryFolder } from './support.ts'

const folder = temporaryFolder()
const ROWS = Array.from({ length: 60 }, (_, row) => [row % 12, (row * 5 + Math.floor(row / 12)) % 12, 1 + (row % 5)])
const csv = (rows: readonly (readonly unknown[])[]) =>
  `user,item,rating\n${rows.map((row) => row.join(',')).join('\n')}\n`

beforeAll(() => {
  put(folder, 'train.csv', csv(ROWS))
  put(folder, 'cold.csv', csv([[99, 98, 5]]))
  put(folder, 'cold-items.csv', csv([[1, 98, 5]]))
  put(folder, 'same.csv', csv(ROWS.slice(0, 10)))
  put(folder, 'zeros.csv', csv(ROWS.slice(0, 10).map(([user, item, rating]) => [`0${user}`, `${item}.0x`, rating])))
})

const train = (kind: string, data: string, ...words: string[]) =>
  run(folder, 'train', data, '--model', kind, '--out', `${kind}.st`, ...words)

test.each(['cold.csv', 'cold-items.csv'])('%s: no metric of a test without a known user and item', async (file) => {
  const trained = await train('ease', 'train.csv', '--test', file, '--json')
  expect(trained.code).toBe(1)
  expect(JSON.parse(trained.stdout)).toMatchObject({ metrics: {}, cold: 1 })
  expect(trained.stderr).toContain('"dataset/nothing-measured"')
  const evaluated = await run(folder, 'evaluate', 'ease.st', '--test', file)
  expect([evaluated.code, evaluated.stdout]).toEqual([1, ''])
  expect(evaluated.stderr).toContain('nothing could be measured: none of the 1 test row has a user and an item')
  const compared = await run(folder, 'compare', 'train.csv', '--test', file, '--models', 'ease,pop')
  expect([compared.code, compared.stderr]).toEqual([1, expect.stringContaining('nothing could be measured')])
})

test('test rows that are training rows are reported', async () => {
  await train('ease', 'train.csv', '--epochs', '1')
  const { code, stdout, stderr } = await run(folder, 'evaluate', 'ease.st', '--test', 'same.csv', '--json')
  expect([code, JSON.parse(stdout).repeated]).toEqual([0, 10])
  expect(stderr).toContain('all 10 test rows are training rows too')
  const rated = await train('bias', 'train.csv', '--epochs', '1', '--test', 'same.csv')
  expect(rated.stderr).toContain('its errors are those of training')
})

test('small errors of small ratings have digits', async () => {
  const small = ROWS.map(([user = 0, item = 0, rating = 0]) => [user, item, rating * 1e-4])
  put(folder, 'small.csv', csv(small.slice(0, 50)))
  put(folder, 'small-test.csv', csv(small.slice(50)))
  const { stdout } = await train('bias', 'small.csv', '--test', 'small-test.csv')
  const evaluated = await run(folder, 'evaluate', 'bias.st', '--test', 'small-test.csv', '--json')
  const { rmse } = JSON.parse(evaluated.stdout).metrics
  expect(rmse).toBeLessThan(0.001)
  expect(stdout).toContain(rmse.toPrecision(3))
})

test('ids that differ only by their form are reported with an example', async () => {
  await train('bias', 'train.csv', '--epochs', '1')
  const { stderr } = await run(folder, 'evaluate', 'bias.st', '--test', 'zeros.csv')
  expect(stderr).toContain(
    '10 of 10 users of the test part differ from those of training only by the form of their ids',
  )
  expect(stderr).toContain('"00" in test, "0" in training')
  expect(stderr).toContain('no item of the test part is in training: ids such as "0.0x" in test')
  expect(stderr).toContain('every test row has a user or an item without training rows')
})

test('few rows train models in one step, and other models name the way on', async () => {
  put(
    folder,
    'three.csv',
    csv([
      [1, 1, 5],
      [1, 2, 4],
      [2, 1, 3],
    ]),
  )
  for (const kind of ['ease', 'item-knn', 'pop', 'bias']) {
    const { code, stderr } = await train(kind, 'three.csv')
    expect([kind, code, stderr]).toEqual([
      kind,
      0,
      expect.stringContaining('in one step: there are no epochs to choose'),
    ])
  }
  const refused = await train('biased-mf', 'three.csv')
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('--epochs N trains N epochs on all rows')])
  const compared = await run(folder, 'compare', 'three.csv', '--models', 'ease,pop')
  expect([compared.code, compared.stderr]).toEqual([1, expect.stringContaining('nothing could be measured: 3 rows')])
})

test('a rating model refuses counts and names what to use, and a ranking model reports that it ignores them', async () => {
  put(folder, 'plays.csv', csv(ROWS.map(([user, item], row) => [user, item, row % 7 === 0 ? 9000 : 1 + (row % 30)])))
  const refused = await train('biased-mf', 'plays.csv')
  expect(refused.code).toBe(1)
  for (const way of ['look like counts', 'ranking model', '--positive-threshold', '--rating-range 1,9000']) {
    expect(refused.stderr).toContain(way)
  }
  const ranked = await train('ease', 'plays.csv', '--epochs', '1')
  expect([ranked.code, ranked.stderr]).toEqual([
    0,
    expect.stringContaining('a ranking model takes each as one positive'),
  ])
})
