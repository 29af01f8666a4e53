import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { loadModel } from 'tastespace'
import { beforeAll, expect, test } from 'vitest'
import { put, type Run, run, strangers, temporaryFolder } from './support.ts'

const folder = temporaryFolder()
const RATINGS = 'ratings.csv'
const SIZES = ['--users', '120', '--items', '60', '--ratings', '3000']

beforeAll(async () => {
  await run(folder, 'data', 'make', '--out', RATINGS, ...SIZES)
  await run(folder, 'data', 'make', '--out', 'test.csv', ...SIZES, '--seed', '1')
})

function train(out: string, ...words: string[]): Promise<Run> {
  return run(folder, 'train', RATINGS, '--model', 'biased-mf', '--set', 'factors=4', '--out', out, ...words)
}

test('selects the epochs on validation, trains again, and evaluates on the test part', async () => {
  const { code, stdout } = await train('split.st', '--split', 'random:0.2', '--json')
  expect(code).toBe(0)
  const report = JSON.parse(stdout)
  expect(report).toEqual({
    model: 'biased-mf',
    protocol: { split: 'random:0.2', validation: 'random:0.2', refit: true, seed: 0 },
    metrics: { rmse: expect.any(Number), mae: expect.any(Number) },
    validation: { rmse: expect.any(Number), mae: expect.any(Number) },
    cold: expect.any(Number),
    repeated: 0,
    epochs: expect.any(Number),
    stopped: expect.stringMatching(/^(epochs|patience)$/),
    seconds: expect.any(Number),
    engine: { build: 'mt', threads: expect.any(Number) },
    out: 'split.st',
  })
  expect(report.metrics.rmse).toBeLessThan(1.2)
  const model = await loadModel(join(folder, 'split.st'))
  expect(await model.info()).toMatchObject({ training: { epochs: report.epochs, seed: 0, rows: 2400 } })
})

test('trains for the requested epochs on all training rows', async () => {
  const { stdout } = await train('file.st', '--test', 'test.csv', '--epochs', '3', '--seed', '5', '--json')
  const report = JSON.parse(stdout)
  expect(report).toMatchObject({ epochs: 3, stopped: 'epochs', validation: {} })
  expect(report.protocol).toEqual({ split: 'file', validation: 'none', refit: false, seed: 5 })
  expect(report.metrics.rmse).toBeGreaterThan(0)
  const model = await loadModel(join(folder, 'file.st'))
  expect(await model.info()).toMatchObject({ training: { epochs: 3, seed: 5, rows: 3000 } })
})

test('--seeds trains several models and predicts their mean', async () => {
  const words = ['--test', 'test.csv', '--epochs', '2', '--json']
  const [one, two, both] = await Promise.all([
    train('seed3.st', '--seed', '3', ...words),
    train('seed4.st', '--seed', '4', ...words),
    train('both.st', '--seed', '3', '--seeds', '2', ...words),
  ])
  for (const { code } of [one, two, both]) expect(code).toBe(0)
  expect(both.stderr).toContain('Trained 2 epochs on 3,000 rows')
  expect(JSON.parse(both.stdout).protocol).toEqual({
    split: 'file',
    validation: 'none',
    refit: false,
    seed: 3,
    seeds: 2,
  })
  const models = await Promise.all(['seed3.st', 'seed4.st', 'both.st'].map((file) => loadModel(join(folder, file))))
  const [a, b, mean] = await Promise.all(
    models.map(async (model) => (await model.predict([['7', '5']]))[0] ?? Number.NaN),
  )
  expect(mean).toBeCloseTo(((a ?? 0) + (b ?? 0)) / 2, 5)
  const measured = await run(folder, 'evaluate', 'both.st', '--test', 'test.csv', '--json')
  expect(JSON.parse(measured.stdout).metrics).toEqual(JSON.parse(both.stdout).metrics)
  const refused = await run(folder, 'train', RATINGS, '--model', 'pop', '--seeds', '2', '--out', 'no.st')
  expect(refused.code).toBe(2)
  expect(refused.stderr).toContain("has no option 'seeds'")
})

test('reports no test metrics if nothing is held out', async () => {
  const { stdout } = await train('all.st', '--patience', '2', '--json')
  const report = JSON.parse(stdout)
  expect(report).toMatchObject({ metrics: {}, cold: 0, protocol: { split: 'none', validation: 'random:0.1' } })
  expect(await (await loadModel(join(folder, 'all.st'))).info()).toMatchObject({ training: { rows: 3000 } })
})

test('--no-refit keeps the validated model, --no-history omits the interaction history', async () => {
  const { stdout } = await train('first.st', '--split', 'random:0.2', '--no-refit', '--no-history', '--json')
  expect(JSON.parse(stdout).protocol.refit).toBe(false)
  expect(await (await loadModel(join(folder, 'first.st'))).info()).toMatchObject({
    history: false,
    training: { rows: 1920 },
  })
  const refused = await run(folder, 'recommend', 'first.st', '--user', '1')
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain('without its interaction history')
})

test('--no-users writes a model for new users only, and is refused where that cannot be', async () => {
  expect((await train('nobody.st', '--no-users')).code).toBe(0)
  const known = await run(folder, 'recommend', 'nobody.st', '--user', '1')
  expect([known.code, known.stderr]).toEqual([1, expect.stringContaining("unknown user '1'")])
  const fresh = await run(folder, 'recommend', 'nobody.st', '--history', '1,2,3', '--json')
  expect([fresh.code, JSON.parse(fresh.stdout).items.length]).toEqual([0, 10])
  const refused = await run(folder, 'train', RATINGS, '--model', 'glocal-k', '--no-users', '--out', 'x.st')
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('glocal-k cannot be saved without users')])
})

test('--precision and --weights write a smaller file, and are refused where that cannot be', async () => {
  const size = (name: string) => statSync(join(folder, name)).size
  expect((await train('single.st')).code).toBe(0)
  expect((await train('half.st', '--precision', 'half')).code).toBe(0)
  expect(size('half.st')).toBeLessThan(size('single.st'))
  const ease = (...flags: string[]) => run(folder, 'train', RATINGS, '--model', 'ease', '--out', 'ease.st', ...flags)
  expect((await ease()).code).toBe(0)
  const all = size('ease.st')
  expect((await ease('--weights', '10')).code).toBe(0)
  expect(size('ease.st')).toBeLessThan(all)
  const refused = await train('x.st', '--weights', '10')
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('it has no weights between items')])
})

test('the number of threads does not change the bytes of the model', async () => {
  const one = await train('one.st', '--threads', '1', '--json')
  const two = await train('two.st', '--threads', '2', '--json')
  expect([one, two].map(({ stdout }) => JSON.parse(stdout).engine)).toEqual([
    { build: 'mt', threads: 1 },
    { build: 'mt', threads: 2 },
  ])
  expect(readFileSync(join(folder, 'one.st')).equals(readFileSync(join(folder, 'two.st')))).toBe(true)
})

test('prints progress on stderr and the result on stdout', async () => {
  const { stdout, stderr } = await train('people.st', '--split', 'random:0.1', '--threads', '1')
  expect(stdout).toMatch(/^biased-mf {2}\d+ epochs?, then again on all training rows, .* on 1 thread\n/)
  expect(stdout).toMatch(/\n {14}rmse {5}mae\nvalidation {2}\d\.\d{4} {2}\d\.\d{4} {2}270 rows/)
  expect(stdout).toMatch(/\ntest {8}\d\.\d{4} {2}\d\.\d{4} {2}300 rows.*\nwritten to people.st \(/)
  expect(stderr).toContain('Read ratings.csv: 3,000 ratings, 120 users, 60 items, in ')
  expect(stderr).toContain('Training biased-mf on 2,430 rows, validating on 270 others (random:0.1)\n')
  expect(stderr).toMatch(/\nValidated \d+ of at most 200 epochs: rmse \d/)
  expect(stdout + stderr).not.toContain('\u001b')
})

test('--quiet prints only the result', async () => {
  const { stdout, stderr } = await train('quiet.st', '--epochs', '1', '--quiet')
  expect(stderr).toBe('')
  expect(stdout).toContain('written to quiet.st')
})

test('a baseline is trained like a model and stores the item titles', async () => {
  put(folder, 'items.csv', 'id,title\n1,First\n2,"Second, the"\n')
  const words = ['--model', 'bias', '--items', 'items.csv', '--out', 'bias.st', '--split', 'random:0.1']
  expect((await run(folder, 'train', RATINGS, ...words)).code).toBe(0)
  const { stdout } = await run(folder, 'recommend', 'bias.st', '--user', '1', '--k', '60', '--exclude', 'none')
  expect(stdout).toMatch(/ {2}\d\.\d\d {2}Second, the +\[2\]/)
})

test('--config sets flags, and the command line overrides them', async () => {
  const config = {
    model: 'biased-mf',
    epochs: 2,
    set: { factors: 3, penalty: 0.5 },
    noHistory: true,
    ratingRange: [0, 6],
  }
  put(folder, 'config.json', JSON.stringify(config))
  const words = ['--config', 'config.json', '--out', 'config.st', '--set', 'factors=5', '--epochs', '1', '--json']
  const { stdout } = await run(folder, 'train', RATINGS, ...words)
  expect(JSON.parse(stdout).epochs).toBe(1)
  const info = await (await loadModel(join(folder, 'config.st'))).info()
  expect(info).toMatchObject({ range: [0, 6], history: false, options: { factors: 5, penalty: 0.5 } })
})

test('writes to a device without replacing it', async () => {
  const { code } = await train('/dev/null', '--epochs', '1')
  expect(code).toBe(0)
  expect(readFileSync('/dev/null').length).toBe(0)
})

test('--metric selects the epochs, and an unknown metric is misuse', async () => {
  const { code, stderr } = await train('metric.st', '--split', 'random:0.2', '--metric', 'mae', '--patience', '2')
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringMatching(/\nValidated \d+ of at most 200 epochs: mae \d/),
  })
  const refused = await train('refused.st', '--split', 'random:0.2', '--metric', 'ndcg@10')
  expect(refused.code).toBe(2)
  expect(refused.stderr).toContain("unknown metric 'ndcg@10' for biased-mf: expected rmse and mae")
})

test('prints a line per metric and a column per list length, and sampled metrics with --negatives', async () => {
  const words = [
    '--model',
    'pop',
    '--metric',
    'ndcg@10',
    '--split',
    'leave-one-out',
    '--negatives',
    '20',
    '--out',
    'pop.st',
  ]
  const { stdout } = await run(folder, 'train', RATINGS, ...words)
  expect(stdout).toMatch(/\n +validation +test\n +@10 +@50 +@100 +@10 +@50 +@100\nndcg +0\.\d{4} +0\.\d{4} .*\nhr +/)
  expect(stdout).toMatch(/\nmrr +0\.\d{4} +0\.\d{4}\n/)
  expect(stdout).toMatch(/\nhr\/20neg +0\.\d{4} +1\.0000 +1\.0000\n/)
  const evaluated = await run(folder, 'evaluate', 'pop.st', '--test', RATINGS, '--k', '5', '--negatives', '3', '--json')
  expect(Object.keys(JSON.parse(evaluated.stdout).metrics)).toEqual(expect.arrayContaining(['ndcg@5', 'hr@5/3neg']))
})

test('leaves no other files behind', () => {
  const models = [
    'ease',
    'half',
    'single',
    'split',
    'file',
    'all',
    'first',
    'nobody',
    'one',
    'two',
    'seed3',
    'seed4',
    'both',
    'people',
    'quiet',
    'bias',
    'config',
    'metric',
    'pop',
  ]
  const files = [...models.map((name) => `${name}.st`), RATINGS, 'test.csv', 'items.csv', 'config.json']
  expect(strangers(folder, ...files)).toEqual([])
})

test('--validation-users validates on a sample of the users, and says so', async () => {
  const words = [
    'train',
    RATINGS,
    '--model',
    'bpr',
    '--set',
    'factors=4',
    '--patience',
    '1',
    '--out',
    'sampled.st',
    '--json',
  ]
  const sampled = await run(folder, ...words, '--validation-users', '20')
  expect(sampled.stderr).toMatch(/^Validated \d+ of at most 150 epochs on 20 of 1\d\d users: ndcg@10/m)
  expect(JSON.parse(sampled.stdout).validationUsers).toEqual({ users: 20, of: expect.any(Number) })
  const whole = await run(folder, ...words, '--validation-users', 'all')
  expect(JSON.parse(whole.stdout)).not.toHaveProperty('validationUsers')
  const wrong = await run(folder, ...words, '--validation-users', 'some')
  expect(wrong.code).toBe(2)
  expect(wrong.stderr).toContain('Accepted is a whole number from 1, or all.')
})

test('says so where popularity ranks better than the model', async () => {
  const words = ['--split', 'leave-one-out', '--epochs', '1', '--metrics', 'ndcg@10']
  const train = (name: string, ...more: string[]) =>
    run(folder, 'train', RATINGS, '--model', 'bpr', '--out', `${name}.st`, ...words, ...more)
  const { code, stderr } = await train('untrained', '--set', 'learningRate=0.000001')
  expect(code).toBe(0)
  expect(stderr).toMatch(
    /pop, the same popular items for every user, is better here: ndcg@10 0\.\d{4}, and 0\.\d{4} with bpr\. tastespace compare tries all models/,
  )
  expect((await train('quiet', '--set', 'learningRate=0.000001', '--quiet')).stderr).toBe('')
  const pop = await run(folder, 'train', RATINGS, '--model', 'pop', '--out', 'pop.st', '--split', 'leave-one-out')
  expect(pop.stderr).not.toContain('is better here')
})
