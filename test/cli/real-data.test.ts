import { expect, test } from 'vitest'
import { realData, run, temporaryFolder } from './support.ts'

const folder = temporaryFolder()
const [base, held, all, items] = ['u1.base', 'u1.test', 'u.data', 'ml-100k.item'].map((name) =>
  realData(`ml-100k/${name}`),
)
const missing = [base, held, all, items].some((file) => file?.missing ?? true)

test.skipIf(missing)('MovieLens 100K: trained, measured and asked', async () => {
  const model = ['--model', 'biased-mf', '--out', 'm.st', '--items', items?.path ?? '']
  const train = await run(folder, 'train', base?.path ?? '', '--test', held?.path ?? '', ...model, '--json')
  expect(train.code).toBe(0)
  const { metrics, cold, epochs } = JSON.parse(train.stdout)
  // Biased MF's figure on this split is about .92; damped biases alone are at .955.
  expect(metrics.rmse).toBeLessThan(0.925)
  expect(cold).toBe(32)
  expect(epochs).toBeGreaterThan(10)

  const evaluated = await run(folder, 'evaluate', 'm.st', '--test', held?.path ?? '', '--json')
  expect(JSON.parse(evaluated.stdout)).toMatchObject({ metrics, rows: 20_000, cold })

  const { stdout } = await run(folder, 'similar', 'm.st', '--item', '50', '--k', '5')
  expect(stdout).toContain('Empire Strikes Back, The (1980)')
})

test.skipIf(missing)('MovieLens 100K: what is in it', async () => {
  const { stdout } = await run(folder, 'data', 'info', all?.path ?? '', '--json')
  expect(JSON.parse(stdout)).toMatchObject({ rows: 100_000, users: 943, items: 1682, duplicates: 0 })
})
