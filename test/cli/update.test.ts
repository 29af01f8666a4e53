import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { put, run, temporaryFolder } from './support.ts'

const folder = temporaryFolder()

beforeAll(async () => {
  const sizes = ['--users', '300', '--items', '150', '--ratings', '9000']
  expect((await run(folder, 'data', 'make', '--out', 'all.csv', ...sizes)).code).toBe(0)
  const [head = '', ...rows] = readFileSync(join(folder, 'all.csv'), 'utf8').trimEnd().split('\n')
  const part = (keep: (user: number, at: number) => boolean) =>
    `${[head, ...rows.filter((row, at) => keep(Number.parseInt(row, 10), at))].join('\n')}\n`
  put(
    folder,
    'old.csv',
    part((user, at) => user <= 250 && at % 10 > 0),
  )
  put(
    folder,
    'new.csv',
    part((user, at) => user > 250 && at % 10 > 0),
  )
  put(
    folder,
    'test.csv',
    part((_user, at) => at % 10 === 0),
  )
  for (const kind of ['cml', 'biased-mf', 'ease']) {
    const words = ['train', 'old.csv', '--model', kind, '--epochs', kind === 'ease' ? '1' : '8', '--out', `${kind}.st`]
    expect((await run(folder, ...words)).code).toBe(0)
  }
})

test.each([
  ['cml', 'ndcg@10'],
  ['ease', 'ndcg@10'],
  ['biased-mf', 'rmse'],
])('%s learns new users, and what it knew is kept', async (kind, metric) => {
  const words = ['update', `${kind}.st`, 'new.csv', '--out', `${kind}-new.st`, '--test', 'test.csv', '--json']
  const { code, stdout } = await run(folder, ...words)
  expect(code).toBe(0)
  const { before, metrics, added, rows, epochs } = JSON.parse(stdout)
  expect(added.users).toBeGreaterThan(30)
  expect(rows.all).toBeGreaterThan(rows.new)
  expect(epochs).toBe(5)
  // Before, the new users could not be measured.
  if (metric === 'rmse') expect(metrics.rmse).toBeLessThan(before.rmse)
  else expect(metrics[metric]).toBeGreaterThan(0.8 * before[metric])
  const list = await run(folder, 'recommend', `${kind}-new.st`, '--user', '280', '--json')
  expect(list.code).toBe(0)
})

test('what it prints, and what it needs', async () => {
  const { code, stdout } = await run(folder, 'update', 'cml.st', 'new.csv', '--epochs', '2', '--out', 'more.st')
  expect(code).toBe(0)
  expect(stdout).toMatch(
    /^cml {2}[\d,]+ new rows, \d+ new users, 0 new items; 2 epochs on [\d,]+ rows, .*\nwritten to more\.st/,
  )
  const train = ['train', 'old.csv', '--model', 'cml', '--epochs', '1', '--no-history', '--out', 'bare.st']
  expect((await run(folder, ...train)).code).toBe(0)
  const bare = await run(folder, 'update', 'bare.st', 'new.csv', '--out', 'x.st')
  expect([bare.code, bare.stderr]).toEqual([2, expect.stringMatching(/bare\.st has no training interactions/)])
  const same = await run(folder, 'update', 'cml.st', 'new.csv', '--out', 'cml.st')
  expect([same.code, same.stderr]).toEqual([2, expect.stringMatching(/never written over/)])
  const none = await run(folder, 'update', 'cml.st', 'new.csv')
  expect([none.code, none.stderr]).toEqual([2, expect.stringMatching(/'update' needs --out/)])
})

test('titles of earlier items are kept when new items come, and warnings say what changes', async () => {
  const sizes = ['--users', '60', '--items', '40', '--ratings', '900', '--items-out', 'films.csv']
  expect((await run(folder, 'data', 'make', '--out', 'titled.csv', ...sizes)).code).toBe(0)
  const train = ['train', 'titled.csv', '--items', 'films.csv', '--epochs', '1']
  for (const kind of ['ease', 'biased-mf'])
    expect((await run(folder, ...train, '--model', kind, '--out', `${kind}-titled.st`)).code).toBe(0)
  put(folder, 'more.csv', 'user,item,rating\n7,newitem,9\n12,newitem,5\n')
  const update = (kind: string, data: string) =>
    run(folder, 'update', `${kind}-titled.st`, data, '--out', `${kind}-2.st`)
  expect(await update('ease', 'more.csv')).toMatchObject({ code: 0, stderr: expect.not.stringContaining('test part') })
  const similar = async (file: string) =>
    JSON.parse((await run(folder, 'similar', file, '--item', '12', '--json')).stdout).similar.map(
      ({ title }: { title?: string }) => title,
    )
  expect(await similar('ease-2.st')).toEqual(expect.arrayContaining((await similar('ease-titled.st')).slice(0, 2)))
  const rated = await update('biased-mf', 'more.csv')
  expect(rated.stderr).toContain('ratings of more.csv go from 5 to 9: the range of the model, 1 to 5, becomes 1 to 9')
  put(folder, 'clicks.csv', 'user,item\n7,1\n')
  expect(await update('biased-mf', 'clicks.csv')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('clicks.csv has no ratings'),
  })
})

test('ratings that a model of rows without ratings would take as positives are named', async () => {
  const threshold = ['--positive-threshold', '4']
  const train = ['train', 'old.csv', '--model', 'ease', ...threshold, '--out', 'liked.st']
  expect((await run(folder, ...train)).code).toBe(0)
  const update = ['update', 'liked.st', 'new.csv', '--out', 'liked-new.st']
  const without = await run(folder, ...update)
  expect(without.code).toBe(0)
  expect(without.stderr).toMatch(/learned from rows without ratings, and the rows of new\.csv have ratings from 1 to 5/)
  const given = await run(folder, ...update, ...threshold)
  expect(given.code).toBe(0)
  expect(given.stderr).not.toMatch(/without ratings/)
})

test('a threshold leaves no ratings to a model that predicts them', async () => {
  const threshold = ['--positive-threshold', '4']
  const train = await run(folder, 'train', 'old.csv', '--model', 'bias', ...threshold, '--out', 'none.st')
  expect(train.code).toBe(2)
  expect(train.stderr).toMatch(/bias predicts ratings: leave out --positive-threshold, which drops the ratings/)
  const update = await run(folder, 'update', 'biased-mf.st', 'new.csv', ...threshold, '--out', 'none.st')
  expect(update.code).toBe(2)
  expect(update.stderr).toMatch(/leave out --positive-threshold, which drops the ratings/)
})
