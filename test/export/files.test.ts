import { chmod, mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { BiasedMF, CML, loadModel, type Model } from 'tastespace'
import { toCSV, toParquet, toPgvector, toProjector, toSqliteVec } from 'tastespace/export'
import { beforeAll, describe, expect, test } from 'vitest'
import { data, folder, trained } from './support.ts'

let cml: CML
let sizes: { users: number; items: number }
beforeAll(async () => {
  cml = (await trained('cml')) as CML
  const { users, items } = await data.info()
  sizes = { users, items }
})

/** The fields of a line of CSV. */
function fields(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  )
}

/** The records of a file of CSV; fields may have line ends. */
async function records(path: string): Promise<string[][]> {
  const text = await readFile(path, 'utf8')
  return [...text.matchAll(/((?:"(?:[^"]|"")*"|[^"\n])*)\n/g)].map(([, line = '']) => fields(line))
}

test('CSV: the vectors bring back the scores', async () => {
  const out = join(folder, 'a/b')
  const report = await toCSV(cml, out)
  expect(report).toEqual({
    files: ['items', 'users', 'seen'].map((name) => join(out, `${name}.csv`)),
    by: 'distance',
    dimension: 64,
    ...sizes,
    seen: true,
  })
  const [head = [], ...items] = await records(join(out, 'items.csv'))
  expect(head.slice(0, 4)).toEqual(['index', 'item_id', 'title', 'v0'])
  expect(items.map(([, id]) => id)).toEqual(await cml.itemIds())
  expect(items.map(([, , title]) => title)).toEqual(await cml.itemTitles())
  const [, ...users] = await records(join(out, 'users.csv'))
  const [user, item] = [users[3] ?? [], items[5] ?? []]
  const distance = user.slice(3).reduce((sum, u, at) => sum + (Number(u) - Number(item[at + 3])) ** 2, 0)
  const [score] = await cml.predict([[user[1] ?? '', item[1] ?? '']])
  expect(-distance).toBeCloseTo(score ?? 0, 5)
  const [, ...seen] = await records(join(out, 'seen.csv'))
  expect(seen).toHaveLength((await data.info()).rows)
})

test('lists have their length, no item that the user has seen, and reports of progress', async () => {
  const reported: number[] = []
  const out = join(folder, 'lists')
  const report = await toCSV(cml, out, { lists: true, k: 3, onProgress: ({ done }) => reported.push(done) })
  expect(report).toMatchObject({ by: 'lists', dimension: null })
  expect(await readdir(out)).toEqual(['lists.csv'])
  const [head, ...rows] = await records(join(out, 'lists.csv'))
  expect(head).toEqual(['user_id', 'rank', 'item_id', 'title', 'score'])
  const users = await cml.userIds()
  const lists = await cml.recommend(users, { k: 3 })
  expect(rows.map(([user, rank, item]) => [user, rank, item])).toEqual(
    lists.flatMap((list, at) => list.map(({ item }, place) => [users[at], String(place + 1), item])),
  )
  expect(reported).toEqual([sizes.users])
})

test('the files of the Embedding Projector', async () => {
  const lrml = await trained('lrml')
  for (const model of [cml, lrml] as Model[]) {
    const out = join(folder, 'projector')
    await toProjector(model, pathToFileURL(out))
    const lines = async (name: string) => (await readFile(join(out, name), 'utf8')).trimEnd().split('\n')
    const [vectors, metadata] = [await lines('vectors.tsv'), await lines('metadata.tsv')]
    expect(metadata[0]).toBe('item\ttitle\tgenres\trows')
    expect([vectors.length, metadata.length]).toEqual([sizes.items, sizes.items + 1])
    expect(new Set(vectors.map((line) => line.split('\t').length))).toEqual(new Set([64]))
    expect(new Set(metadata.map((line) => line.split('\t').length))).toEqual(new Set([4]))
  }
})

test('a model without its history has vectors without the items that users have seen', async () => {
  const bare = await loadModel(await cml.toBytes({ history: false }))
  const { files } = await toCSV(bare, join(folder, 'bare'))
  expect(files.map((path) => path.replace(/.*\//, ''))).toEqual(['items.csv', 'users.csv'])
  await toSqliteVec(bare, join(folder, 'bare.sql'))
  expect(await readFile(join(folder, 'bare.sql'), 'utf8')).toContain('tastespace_seen')
})

test('the same for require, with models of its own', async () => {
  const require = createRequire(import.meta.url)
  const { CML, Dataset } = require('../../dist/index.cjs')
  const { toPgvector } = require('../../dist/export.cjs')
  const model = await CML.create({ factors: 4 })
  await model.fit(await Dataset.synthetic({ users: 20, items: 15, ratings: 150 }), { epochs: 1 })
  expect(await toPgvector(model, join(folder, 'required.sql'))).toMatchObject({ by: 'distance', users: 20 })
  model.engine.dispose()
})

describe('refused:', () => {
  const cases: readonly [what: string, code: string, message: RegExp, call: () => Promise<unknown>][] = [
    [
      'no model',
      'config/bad-argument',
      /toPgvector: model is 3; expected a trained model/,
      () => toPgvector(3 as never, 'x'),
    ],
    ['no path', 'config/bad-argument', /toCSV: folder is ""/, () => toCSV(cml, '')],
    [
      'an unknown option',
      'config/unknown-key',
      /toPgvector has no option 'hsnw'/,
      () => toPgvector(cml, 'x', { hsnw: true } as never),
    ],
    [
      'an option of another function',
      'config/unknown-key',
      /toCSV has no option 'prefix'/,
      () => toCSV(cml, 'x', { prefix: 'a' } as never),
    ],
    [
      'a name that is no name',
      'config/bad-argument',
      /prefix is "a; drop"/,
      () => toPgvector(cml, 'x', { prefix: 'a; drop' }),
    ],
    [
      'a length of zero',
      'config/bad-argument',
      /k is 0; expected a whole number from 1/,
      () => toParquet(cml, 'x', { k: 0 }),
    ],
    [
      'a model that is not trained',
      'model/not-fitted',
      /is not fitted/,
      async () => toPgvector(await CML.create(), 'x'),
    ],
    [
      'a kind without embeddings',
      'model/unsupported',
      /ease models have no embeddings of items/,
      async () => toProjector(await trained('ease'), 'x'),
    ],
    [
      'a folder that is a file',
      'file/no-access',
      /cannot be written/,
      async () => toCSV(cml, join(folder, 'any-file')),
    ],
  ]
  test.each(cases)('%s', async (what, code, message, call) => {
    if (what === 'a folder that is a file') {
      await toPgvector(cml, join(folder, 'any-file'))
      await expect(call()).rejects.toMatchObject({ code: expect.stringMatching(/^file\//), message })
      return
    }
    await expect(call()).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })

  test('a model without users', async () => {
    const bare = await loadModel(await cml.toBytes({ users: false }))
    await expect(toPgvector(bare, join(folder, 'x.sql'))).rejects.toMatchObject({ code: 'model/no-users' })
  })

  test('a zero byte, which databases do not take', async () => {
    const { Dataset } = await import('tastespace')
    const model = await BiasedMF.create({ factors: 2 })
    await model.fit(
      await Dataset.fromRows([
        { user: 'a\0b', item: 1, rating: 3 },
        { user: 'c', item: 2, rating: 4 },
      ]),
      { epochs: 1 },
    )
    await expect(toPgvector(model, join(folder, 'zero.sql'))).rejects.toMatchObject({ code: 'export/zero-byte' })
    await expect(stat(join(folder, 'zero.sql'))).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

test.skipIf(process.getuid?.() === 0)('a folder without access', async () => {
  await mkdir(join(folder, 'closed'))
  await chmod(join(folder, 'closed'), 0o500)
  await expect(toCSV(cml, join(folder, 'closed/in'))).rejects.toMatchObject({ code: 'file/no-access' })
})
