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
