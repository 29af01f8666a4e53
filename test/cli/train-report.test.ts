import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { run, temporaryFolder } from './support.ts'

const folder = temporaryFolder()

beforeAll(async () => {
  const sizes = ['--users', '120', '--items', '60', '--ratings', '3000']
  await run(folder, 'data', 'make', '--out', 'ratings.csv', '--items-out', 'items.csv', ...sizes)
})

/** Trains with a report; its page, and the data of its pictures. */
async function reported(...words: string[]) {
  const given = ['ratings.csv', '--items', 'items.csv', '--out', 'model.safetensors', '--report', 'report.html']
  const { code, stdout, stderr } = await run(folder, 'train', ...given, ...words, '--json')
  expect(code, stderr).toBe(0)
  expect(stderr).toContain('Report written to report.html')
  const page = readFileSync(join(folder, 'report.html'), 'utf8')
  const [, held = ''] = /<script type="application\/json" id="content">(.*?)<\/script>/s.exec(page) ?? []
  const [body = ''] = page.split('<script type')
  return { result: JSON.parse(stdout), body, content: JSON.parse(held) }
}

test('the report of a ranking model: its metrics beside those of popularity, curves, lists and similar items', async () => {
  const { result, body, content } = await reported('--model', 'cml', '--split', 'leave-one-out', '--patience', '3')
  expect(content.models.toSorted()).toEqual(['cml', 'pop'])
  const [table] = content.tables
  const own = table.models.find(({ model }: { model: string }) => model === 'cml')
  expect(own.metrics).toEqual(result.metrics)
  expect(own.intervals['ndcg@10'].low).toBeLessThan(own.metrics['ndcg@10'])
  expect(own.curve.length).toBeGreaterThan(result.epochs)
  const other = table.models.find(({ model }: { model: string }) => model !== table.best['ndcg@10'])
  expect(other.significance['ndcg@10'].corrected).toBeGreaterThan(0)
  for (const text of ['cml trained on ratings.csv', 'data-plot="loss"', 'data-plot="curves"', 'Similar items']) {
    expect(body).toContain(text)
  }
  expect(content.examples[0].lists.map(({ model }: { model: string }) => model).toSorted()).toEqual(['cml', 'pop'])
})

test('the report of a rating model has the biases as its baseline', async () => {
  const { content } = await reported('--model', 'biased-mf', '--split', 'random:0.2', '--epochs', '5')
  expect(content.models.toSorted()).toEqual(['bias', 'biased-mf'])
  expect(content.tables[0]).toMatchObject({ task: 'rating', metric: 'rmse', moreIsBetter: { rmse: false } })
})

test('without a test part the report has the training, lists and data', async () => {
  const { body, content } = await reported('--model', 'ease')
  expect(content.tables[0].models).toMatchObject([{ model: 'ease', metrics: {} }])
  expect(content.examples).toHaveLength(3)
  expect(content.examples[0].heldOut).toEqual([])
  expect(body).not.toContain('data-plot="figure"')
  expect(body).toContain('Data, and how to repeat this')
})

test('a test part of new users has lists of known ones', async () => {
  const { content } = await reported('--model', 'item-knn', '--split', 'user:0.2')
  expect(content.examples).toHaveLength(3)
  expect(content.tables[0].models[0].metrics['ndcg@10']).toBeGreaterThan(0)
})

test('--report with several folds is misuse, before anything is read', async () => {
  const words = ['--model', 'ease', '--out', 'model.safetensors', '--report', 'report.html', '--split', 'kfold:3']
  const { code, stderr } = await run(folder, 'train', 'nothing.csv', ...words)
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('choose a fold') })
})

test('--report never writes over the model', async () => {
  const { code, stderr } = await run(folder, 'train', 'ratings.csv', '--model', 'ease', '--out', 'm', '--report', './m')
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('--report') })
})
