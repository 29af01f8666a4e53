import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadModel } from 'tastespace'
import { beforeAll, expect, test } from 'vitest'
import { put, run, shell, shellWords, strangers, temporaryFolder } from './support.ts'

const folder = temporaryFolder()
const MODEL = 'model.st'

beforeAll(async () => {
  put(folder, 'ratings.csv', ratings())
  put(folder, 'titles.csv', 'item,title\nb,"Bee, the ""best"""\n')
  const words = ['train', 'ratings.csv', '--model', 'biased-mf', '--epochs', '5', '--out', MODEL]
  expect((await run(folder, ...words)).code).toBe(0)
})

/** Ratings by twelve users. Each user has rated five of the six items. */
function ratings(): string {
  const items = [...'abcdef']
  const rows = Array.from({ length: 12 }, (_, user) =>
    items.filter((_, item) => item !== user % 6).map((item, place) => `u${user},${item},${1 + ((user + place) % 5)}`),
  )
  return ['user,item,rating', ...rows.flat(), ''].join('\n')
}

test('evaluate reports metrics, rows and cold rows', async () => {
  put(folder, 'test.csv', 'user,item,rating\nu0,a,4\nu1,b,2\nstranger,a,5\n')
  const { code, stdout } = await run(folder, 'evaluate', MODEL, '--test', 'test.csv', '--json', '--threads', '1')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toEqual({
    model: 'biased-mf',
    metrics: { rmse: expect.any(Number), mae: expect.any(Number) },
    rows: 3,
    cold: 1,
    repeated: expect.any(Number),
    engine: { build: 'mt', threads: 1 },
  })
  const people = await run(folder, 'evaluate', MODEL, '--test', 'test.csv')
  expect(people.stdout).toMatch(
    /^ +rmse +mae\nbiased-mf {2}\d\.\d{4} {2}\d\.\d{4}\nbiased-mf: 3 rows, 1 of them with a user/,
  )
})

test('evaluate reports the requested metrics and their confidence intervals', async () => {
  const train = ['train', 'ratings.csv', '--model', 'pop', '--split', 'leave-one-out;order=rows', '--epochs', '1']
  const metrics = ['--metrics', 'recall@2/0rows,recall@2/1-99rows,mrr']
  const trained = await run(folder, ...train, ...metrics, '--out', 'pop.st', '--json')
  expect(JSON.parse(trained.stdout).metrics).toEqual({
    // Each user has two candidates. One is f: it is the last item of each user who rated it, so it has no training rows.
    'recall@2/0rows': 1,
    'recall@2/1-99rows': expect.any(Number),
    mrr: expect.any(Number),
  })
  put(folder, 'left.csv', 'user,item\nu0,a\nu1,b\nu2,c\n')
  put(folder, 'out.csv', 'user,item\nu0,b\nu0,c\n')
  put(folder, 'strangers.csv', 'user,item,rating\nstranger,1,5\n')
  const nobody = await run(folder, 'evaluate', 'pop.st', '--test', 'strangers.csv')
  expect(nobody.code).toBe(1)
  expect(nobody.stderr).toContain('nothing could be measured: none of the 1 test row has a user and an item')
  const words = ['evaluate', 'pop.st', '--test', 'left.csv', '--exclude', 'out.csv', '--metrics', 'mrr,coverage@2']
  const measured = JSON.parse((await run(folder, ...words, '--intervals', '--json')).stdout)
  const { low, estimate, high } = measured.intervals.mrr
  expect([measured.metrics.mrr, estimate >= low && estimate <= high]).toEqual([estimate, true])
  expect(Object.keys(measured.intervals)).toEqual(['mrr'])
  const people = await run(folder, ...words, '--intervals')
  expect(people.stdout).toMatch(/^mrr +\d\.\d{4} {2}\d\.\d{4} to \d\.\d{4}\ncoverage@2 +\d\.\d{4}\n3 rows\n/)
  const unknown = await run(folder, 'evaluate', 'pop.st', '--test', 'left.csv', '--metrics', 'recall@2/9-1rows')
  expect(unknown.stderr).toContain('recall@50/1-9rows')
})

test('recommend lists the unseen items of each user', async () => {
  const { stdout } = await run(folder, 'recommend', MODEL, '--user', 'u1', '--user', 'u2', '--json')
  const { model, users } = JSON.parse(stdout)
  expect(model).toBe('biased-mf')
  expect(users).toEqual([
    { user: 'u1', items: [{ item: 'b', score: expect.any(Number) }] },
    { user: 'u2', items: [{ item: 'c', score: expect.any(Number) }] },
  ])
  const saved = await loadModel(join(folder, MODEL))
  const [[best] = []] = await saved.recommend(['u1'])
  expect(Math.fround(users[0].items[0].score)).toBe(best?.score)
})

test('recommend takes --k, --exclude and --items', async () => {
  const words = ['--user', 'u1', '--k', '6', '--exclude', 'none', '--items', 'titles.csv']
  const { stdout } = await run(folder, 'recommend', MODEL, ...words)
  expect(stdout.trimEnd().split('\n')).toHaveLength(6)
  expect(stdout).toMatch(/^\d {2}\d\.\d\d {2}Bee, the "best" +\[b\]$/m)
})

test('recommend keeps --candidates and removes --filter items, given as ids or as a file', async () => {
  put(folder, 'some.txt', 'a\r\nc\n\ne\n')
  const listed = async (...words: string[]): Promise<string[]> => {
    const { stdout } = await run(folder, 'recommend', MODEL, '--exclude', 'none', '--json', ...words)
    const { users, items } = JSON.parse(stdout)
    return (items ?? users[0].items).map(({ item }: { item: string }) => item).sort()
  }
  const user = ['--user', 'u1']
  expect(await listed(...user, '--candidates', 'a,c', '--candidates', 'f')).toEqual(['a', 'c', 'f'])
  expect(await listed(...user, '--candidates', '@some.txt', '--filter', 'c')).toEqual(['a', 'e'])
  expect(await listed('--history', 'b', '--filter', '@some.txt')).toEqual(['b', 'd', 'f'])
  const { code, stderr } = await run(folder, 'recommend', MODEL, ...user, '--candidates', 'a,zzzz')
  expect([code, stderr]).toEqual([1, expect.stringContaining("unknown item 'zzzz'")])
})

test('recommend --all writes the recommendations of all users to a file', async () => {
  const csv = await run(folder, 'recommend', MODEL, '--all', '--out', 'all.csv', '--items', 'titles.csv', '--json')
  expect(JSON.parse(csv.stdout)).toMatchObject({ out: 'all.csv', users: 12, rows: 12 })
  const lines = readFileSync(join(folder, 'all.csv'), 'utf8').trimEnd().split('\n')
  expect(lines).toHaveLength(13)
  expect(lines[0]).toBe('user,rank,item,score,title')
  expect(lines[2]).toMatch(/^u1,1,b,[\d.]+,"Bee, the ""best"""$/)

  expect((await run(folder, 'recommend', MODEL, '--all', '--out', 'all.jsonl', '--k', '2')).code).toBe(0)
  const rows = readFileSync(join(folder, 'all.jsonl'), 'utf8').trimEnd().split('\n')
  expect(JSON.parse(rows[1] ?? '')).toEqual({ user: 'u1', rank: 1, item: 'b', score: expect.any(Number) })
})

test('similar lists the most similar items', async () => {
  const { stdout } = await run(folder, 'similar', MODEL, '--item', 'a', '--k', '3', '--json')
  const { item, similar } = JSON.parse(stdout)
  expect(item).toBe('a')
  expect(similar).toHaveLength(3)
  expect(similar.map(({ item }: { item: string }) => item)).not.toContain('a')
  const people = await run(folder, 'similar', MODEL, '--item', 'a', '--k', '3')
  expect(people.stdout).toMatch(/^1 {2} ?-?\d\.\d\d {2}[b-f]\n/)
  expect(people.stderr).toBe('')
})

test('similar lists the most similar users', async () => {
  const { stdout } = await run(folder, 'similar', MODEL, '--user', 'u1', '--k', '3', '--json')
  const { model, user, similar } = JSON.parse(stdout)
  expect([model, user, similar.length]).toEqual(['biased-mf', 'u1', 3])
  const saved = await loadModel(join(folder, MODEL))
  if (saved.kind !== 'biased-mf') throw new Error('it is of another kind')
  const users = (await saved.similarUsers('u1', { k: 3 })).map(({ user }) => user)
  expect(similar.map(({ user }: { user: string }) => user)).toEqual(users)
  expect((await run(folder, 'similar', MODEL, '--user', 'u1')).stdout).toMatch(/^ ?1 {2} ?-?\d\.\d\d {2}u\d+\n/)
})

test('recommend --history recommends to a new user', async () => {
  const words = ['recommend', MODEL, '--items', 'titles.csv', '--json', '--history']
  const { stdout } = await run(folder, ...words, 'a=5,b=1.5', '--history', 'c')
  const { model, history, items } = JSON.parse(stdout)
  expect(model).toBe('biased-mf')
  expect(history).toEqual([
    { item: 'a', rating: 5 },
    { item: 'b', rating: 1.5, title: 'Bee, the "best"' },
    { item: 'c' },
  ])
  const saved = await loadModel(join(folder, MODEL))
  const expected = await saved.recommendFor([{ item: 'a', rating: 5 }, { item: 'b', rating: 1.5 }, { item: 'c' }])
  expect(items.map(({ item }: { item: string }) => item)).toEqual(expected.map(({ item }) => item))
  expect(items.map(({ item }: { item: string }) => item).sort()).toEqual(['d', 'e', 'f'])
})

test('explain reports parts that sum to the score, and the items that raise and lower it', async () => {
  const words = ['explain', MODEL, '--user', 'u1', '--item', 'b', '--items', 'titles.csv']
  const { model, user, item, title, score, parts, items } = JSON.parse((await run(folder, ...words, '--json')).stdout)
  expect({ model, user, item, title }).toEqual({ model: 'biased-mf', user: 'u1', item: 'b', title: 'Bee, the "best"' })
  const sum = parts.reduce((sum: number, { value }: { value: number }) => sum + value, 0)
  expect(sum).toBeCloseTo(score, 4)
  expect(items.map(({ item }: { item: string }) => item).sort()).toEqual(['a', 'c', 'd', 'e', 'f'])
  const people = (await run(folder, ...words, '--k', '1')).stdout
  expect(people).toMatch(
    /^\d\.\d\d {2}Bee, the "best" \[b\] for user u1\n\nmean +\d\.\d{3}\nuser bias +[+-]\d\.\d{3}\n/,
  )
  expect(people).toMatch(/\nsum +\d\.\d{3}\n/)
  expect(people).toMatch(/\n(raises|lowers) the score\n[+-]\d\.\d{3} {2}[a-f]/)
})

test('suggests similar ids for a misspelt id', async () => {
  const { code, stderr } = await run(folder, 'explain', MODEL, '--user', 'U12', '--item', 'a', '--json')
  expect(code).toBe(1)
  const { error } = JSON.parse(stderr)
  expect(error.code).toBe('model/unknown-user')
  expect(error.details.near).toContain('u1')
  expect(error.message).toMatch(/\nDid you mean 'u1'/)
})

test('recommend exits without an error when the reader closes the pipe', async () => {
  for (const words of [
    ['recommend', MODEL, '--user', 'u1'],
    ['recommend', MODEL, '--all', '--out', '/dev/stdout'],
  ]) {
    const run = await shell(folder, `set -o pipefail; ${shellWords(...words)} | true`)
    expect(run).toEqual({ code: 0, stdout: '', stderr: '' })
  }
})

test('leaves no other files behind', () => {
  const files = [
    'ratings.csv',
    'titles.csv',
    'some.txt',
    'test.csv',
    MODEL,
    'all.csv',
    'all.jsonl',
    'pop.st',
    'left.csv',
    'strangers.csv',
    'out.csv',
  ]
  expect(strangers(folder, ...files)).toEqual([])
})

test('slots describes the memory slots, and rejects a model without them', async () => {
  const train = [
    'train',
    'ratings.csv',
    '--model',
    'lrml',
    '--epochs',
    '3',
    '--set',
    'slots=3',
    '--items',
    'titles.csv',
  ]
  expect((await run(folder, ...train, '--out', 'lrml.st')).code).toBe(0)
  const { slots } = JSON.parse((await run(folder, 'slots', 'lrml.st', '--k', '2', '--json')).stdout)
  expect(slots).toHaveLength(3)
  expect(slots[0].items).toHaveLength(2)
  expect((await run(folder, 'slots', 'lrml.st')).stdout).toMatch(/^slot \d {2}\d+ % of attention\n *\d+ % {2}\S/)
  const none = await run(folder, 'slots', MODEL)
  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('biased-mf models have no memory slots')])
})
