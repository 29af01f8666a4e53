import { BiasedMF, Dataset } from 'tastespace'
import { expect, test } from 'vitest'
import { realData, run, temporaryFolder } from './support.ts'

const folder = temporaryFolder()
const [base, held, all, items] = ['u1.base', 'u1.test', 'u.data', 'ml-100k.item'].map((name) =>
  realData(`ml-100k/${name}`),
)
const missing = [base, held, all, items].some((file) => file?.missing ?? true)

test.skipIf(missing)('MovieLens 100K: biased-mf trains, evaluates and finds similar items', async () => {
  const model = ['--model', 'biased-mf', '--out', 'm.st', '--items', items?.path ?? '']
  const train = await run(folder, 'train', base?.path ?? '', '--test', held?.path ?? '', ...model, '--json')
  expect(train.code).toBe(0)
  const { metrics, cold, epochs } = JSON.parse(train.stdout)
  // The RMSE of biased MF on this split is about .92; damped biases alone reach .955.
  expect(metrics.rmse).toBeLessThan(0.925)
  expect(cold).toBe(32)
  expect(epochs).toBeGreaterThan(10)

  const evaluated = await run(folder, 'evaluate', 'm.st', '--test', held?.path ?? '', '--json')
  expect(JSON.parse(evaluated.stdout)).toMatchObject({ metrics, rows: 20_000, cold })

  const { stdout } = await run(folder, 'similar', 'm.st', '--item', '50', '--k', '5')
  expect(stdout).toContain('Empire Strikes Back, The (1980)')
})

test.skipIf(missing)('MovieLens 100K: pop reaches its known leave-one-out metrics', async () => {
  const words = ['train', all?.path ?? '', '--model', 'pop', '--out', 'p.st', '--split', 'leave-one-out']
  const { protocol, metrics } = JSON.parse((await run(folder, ...words, '--json')).stdout)
  expect(protocol).toMatchObject({ split: 'leave-one-out', ranking: 'full', excluded: 'train', refit: false })
  // The known metrics of popularity on this split.
  expect(metrics['hr@10']).toBeCloseTo(0.0859, 4)
  expect(metrics['ndcg@10']).toBeCloseTo(0.045, 4)

  const people = await run(folder, ...words, '--metric', 'ndcg@10')
  expect(people.stdout).toMatch(
    /\n +validation +test\n +@10 +@50 +@100 +@10 +@50 +@100\nndcg +0\.\d{4} .* 0\.0450 .*\n/,
  )
  expect(people.stderr).toMatch(/\nValidated 1 of at most 1 epoch: ndcg@10 0\.\d{4}\n/)

  const evaluated = await run(folder, 'evaluate', 'p.st', '--test', held?.path ?? '', '--k', '5,20', '--json')
  const measured = Object.keys(JSON.parse(evaluated.stdout).metrics)
  expect(measured).toEqual(expect.arrayContaining(['hr@5', 'ndcg@20', 'auc']))
  expect(measured).not.toContain('hr@10')
})

test.skipIf(missing)('MovieLens 100K: data info counts rows, users and items', async () => {
  const { stdout } = await run(folder, 'data', 'info', all?.path ?? '', '--json')
  expect(JSON.parse(stdout)).toMatchObject({ rows: 100_000, users: 943, items: 1682, duplicates: 0 })
})

test.skipIf(missing)('MovieLens 100K: new users get nearly the same RMSE as training users', async () => {
  const model = ['--model', 'biased-mf', '--out', 'u.st', '--epochs', '90', '--split', 'user:0.2', '--json']
  const report = JSON.parse((await run(folder, 'train', all?.path ?? '', ...model)).stdout)

  // The same test rows, with a model that had the given rows in training.
  const data = await Dataset.fromFile(all?.path ?? '')
  const { train, test, testGiven } = await data.split('user:0.2')
  if (!test || !testGiven) throw new Error('people are held out')
  expect(report.protocol.givenRows).toBe((await testGiven.info()).rows)
  const given = await textOf(testGiven)
  const seen = await BiasedMF.create()
  await seen.fit(await Dataset.fromBytes((await textOf(train)) + given.slice(given.indexOf('\n') + 1)), { epochs: 90 })
  const { rmse } = (await seen.evaluate(test)).values
  // Measured: .9048 against .9027.
  expect(report.metrics.rmse - (rmse ?? 0)).toBeLessThan(0.02)
})

async function textOf(data: Dataset): Promise<string> {
  let text = ''
  for await (const piece of data.toCSV()) text += new TextDecoder().decode(piece)
  return text
}

const [libraries, tags, names] = ['users.dat', 'tag-item.dat', 'tags.dat'].map((name) =>
  realData(`citeulike-t/${name}`),
)

test.skipIf([libraries, tags, names].some((file) => file?.missing ?? true))(
  'CiteULike-t: reads item lists and tags by feature, and converts a core to JSON Lines',
  async () => {
    const file = libraries?.path ?? ''
    const side = ['--features', tags?.path ?? '', '--features-names', names?.path ?? '']
    const words = ['data', 'info', file, ...side, '--features-layout', 'feature-rows', '--json']
    const info = JSON.parse((await run(folder, ...words)).stdout)
    expect(info).toMatchObject({ rows: 134_860, users: 7947, ratings: null, features: { features: 52_946 } })

    const core = await run(folder, 'data', 'convert', file, '--core', '5', '--out', 'core.jsonl.gz', '--json')
    const { rows, users, items } = JSON.parse(core.stdout)
    const again = JSON.parse((await run(folder, 'data', 'info', 'core.jsonl.gz', '--json')).stdout)
    expect(again).toMatchObject({ rows, users, items })
    expect(Math.min(again.rowsPerUser.min, again.rowsPerItem.min)).toBe(5)
  },
)

const douban = realData('douban/train.tsv')

test.skipIf(douban.missing)(
  'Douban: per-user splits, and leave-one-out splits by row order without timestamps',
  async () => {
    const words = ['train', douban.path, '--model', 'bias', '--out', 'd.st', '--json', '--split']
    const parts = JSON.parse((await run(folder, ...words, 'per-user:0.6,0.2,0.2;min=5')).stdout)
    expect(parts.metrics.rmse).toBeLessThan(0.8)
    const last = JSON.parse((await run(folder, ...words, 'leave-one-out;order=rows')).stdout)
    expect(last.protocol).toMatchObject({ split: 'leave-one-out;order=rows', refit: false })
  },
)
