import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createModelByName, Dataset, type TrialJob, tune } from 'tastespace'
import { afterAll, beforeAll, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'tune-'))
afterAll(() => rmSync(folder, { recursive: true }))

let data: Dataset
beforeAll(async () => {
  data = await Dataset.synthetic({ users: 300, items: 200, ratings: 8000, seed: 3 })
})

const search = { kind: 'bpr', trials: 9, epochs: 18, seed: 2 } as const

test('a search that is stopped again and again comes to the same trials as one that is not', async () => {
  const whole = await tune(data, search)
  expect(whole.trials).toHaveLength(9)
  const log = join(folder, 'stopped.jsonl')
  let [stops, last] = [0, whole]
  for (let left = 3; ; left += 2) {
    const controller = new AbortController()
    let epochs = 0
    last = await tune(data, {
      ...search,
      log,
      signal: controller.signal,
      onEpoch: () => {
        if (++epochs === left) controller.abort(new Error('stop'))
      },
    }).catch((error: unknown) => {
      expect(error).toMatchObject({ message: 'stop' })
      return { ...whole, aborted: true }
    })
    if (!last.aborted) break
    stops++
  }
  expect(stops).toBeGreaterThan(3)
  const { seconds: _, ...same } = whole
  expect(last).toMatchObject(same)
})

test('a trial that paused equals a training that never did', async () => {
  const parts = await data.split({ by: 'random', test: 0, validation: true, seed: 1 })
  const { best, options } = await tune(parts, search)
  const model = await createModelByName('bpr', options)
  const { history } = await model.fit(parts.train, { epochs: 18, validation: parts.validation, seed: 2 })
  const values = history.map(({ validation }) => validation?.values['ndcg@10'])
  expect(best.value).toBe(values[(best.epoch ?? 0) - 1])
  expect(best.value).toBe(Math.max(...values.slice(0, best.epochs).map(Number)))
})

test('the best trial is at least as good as the defaults, whose training is that of fit', async () => {
  for (const kind of ['biased-mf', 'ease', 'ials'] as const) {
    const { best, trials, metric } = await tune(data, { kind, trials: 5, epochs: 9 })
    const usual = trials.find(({ trial }) => trial === 0)
    const [value, by] = [best.value ?? Number.NaN, usual?.value ?? Number.NaN]
    if (metric === 'rmse') expect(value).toBeLessThanOrEqual(by)
    else expect(value).toBeGreaterThanOrEqual(by)
    expect(trials[0]).toEqual(best)
  }
})

test('rungs, set options and given ranges', async () => {
  const jobs: TrialJob[] = []
  const { options, importance, defaults } = await tune(data, {
    kind: 'cml',
    trials: 4,
    epochs: 6,
    options: { factors: 16 },
    space: { margin: { low: 0.5, high: 2 }, mining: { choices: ['hardest', 'random'] } },
    onTrial: (job) => void jobs.push(job),
  })
  expect(jobs.map(({ epochs }) => epochs)).toEqual([2, 2, 2, 2, 6, 6])
  expect(jobs.every(({ options }) => options.factors === 16)).toBe(true)
  expect(options.factors).toBe(16)
  expect(defaults).toEqual({ margin: 1, mining: 'hardest' })
  expect(importance.map(({ name }) => name).sort()).toEqual(['margin', 'mining'])
})

test('trials that diverge are the last, and do not end the search', async () => {
  const space = { initialDeviation: { choices: [0.03, 10] } }
  const { best, trials } = await tune(data, { kind: 'biased-mf', trials: 9, epochs: 9, space })
  expect(best.value).toBeGreaterThan(0)
  expect(trials).toHaveLength(9)
  expect(trials.at(-1)).toMatchObject({ error: { code: 'model/diverged' } })
})

test('more trials go on from the log of fewer', async () => {
  const log = join(folder, 'more.jsonl')
  await tune(data, { kind: 'ease', trials: 4, log })
  const lines = readFileSync(log, 'utf8').split('\n').length
  const { trials } = await tune(data, { kind: 'ease', trials: 7, log })
  expect(trials).toHaveLength(7)
  expect(readFileSync(log, 'utf8').split('\n')).toHaveLength(lines + 3)
})

test('with more trials, rungs change, and only results of equal epochs count', async () => {
  const log = join(folder, 'more-rungs.jsonl')
  const options = { kind: 'bpr', epochs: 9, engines: 1 } as const
  await tune(data, { ...options, trials: 2, log })
  const { trials } = await tune(data, { ...options, trials: 9, log })
  expect(trials).toEqual((await tune(data, { ...options, trials: 9 })).trials)
})

test('the incomplete last line of a log is left out', async () => {
  const log = join(folder, 'torn.jsonl')
  const before = await tune(data, { kind: 'ease', trials: 4, log })
  const text = readFileSync(log, 'utf8')
  writeFileSync(log, text.slice(0, -20))
  const after = await tune(data, { kind: 'ease', trials: 4, log })
  expect(after.trials).toEqual(before.trials)
  expect(readFileSync(log, 'utf8')).toBe(text)
})

test('the log of another search, and a file that is no log, are left alone', async () => {
  const log = join(folder, 'other.jsonl')
  await tune(data, { kind: 'ease', trials: 2, log })
  const text = readFileSync(log, 'utf8')
  await expect(tune(data, { kind: 'ease', trials: 2, seed: 1, log })).rejects.toMatchObject({
    code: 'study/other-log',
    message: expect.stringMatching(
      /other\.jsonl is the log of another study: its seed is 0, here it is 1\. Give another/,
    ),
  })
  expect(readFileSync(log, 'utf8')).toBe(text)
  for (const content of ['user,item\n1,2\n', '{"a":1}\n']) {
    const file = join(folder, 'ratings.csv')
    writeFileSync(file, content)
    await expect(tune(data, { kind: 'ease', log: file })).rejects.toMatchObject({ code: 'study/no-log' })
    expect(readFileSync(file, 'utf8')).toBe(content)
  }
})

test('the log of other data of the same size is refused', async () => {
  const log = join(folder, 'data.jsonl')
  const rows = Array.from({ length: 900 }, (_, at) => ({ user: at % 30, item: (at * 7) % 31, rating: 1 + (at % 5) }))
  const data = await Dataset.fromRows(rows)
  await tune(data, { kind: 'ease', trials: 2, log })
  await tune(data, { kind: 'ease', trials: 3, log })
  const other = await Dataset.fromRows(rows.map((row) => ({ ...row, rating: 6 - row.rating })))
  await expect(tune(other, { kind: 'ease', trials: 2, log })).rejects.toMatchObject({
    code: 'study/other-log',
    message: expect.stringMatching(/its data is .*sha256/),
  })
})

test('what the defaults cannot be trained with ends the search at once', async () => {
  const pairs = await Dataset.fromRows([1, 2, 3, 4].flatMap((user) => [1, 2, 3].map((item) => ({ user, item }))))
  await expect(tune(pairs, { kind: 'biased-mf' })).rejects.toMatchObject({ code: 'dataset/needs-ratings' })
  // @ts-expect-error: no data
  await expect(tune([], { kind: 'ease' })).rejects.toMatchObject({ code: 'config/bad-argument' })
  const { train } = await data.split({ by: 'random', test: 0.1, validation: false })
  await expect(tune({ train, trainAndValidation: train }, { kind: 'ease' })).rejects.toMatchObject({
    code: 'config/bad-argument',
    message: expect.stringMatching(/train and validation/),
  })
})

test.each(['leave-one-out', 'random:0.2', { by: 'leave-one-out' }] as const)('%o is a split', async (split) => {
  const { best } = await tune(data, { kind: 'ease', trials: 2, split })
  expect(best.value).toBeGreaterThan(0)
})

test.each([
  ['bpr', search],
  ['ease', { kind: 'ease', trials: 5 }],
  ['attrec', { kind: 'attrec', trials: 4, epochs: 4 }],
] as const)('several engines come to the same trials: %s', async (_kind, options) => {
  const { seconds: _, ...alone } = await tune(data, { ...options, engines: 1 })
  for (const engines of [2, 3]) expect(await tune(data, { ...options, engines })).toMatchObject(alone)
})

test('copies of the data have its features, its ratings, its times and its given rows', async () => {
  const rows = Array.from({ length: 4000 }, (_, at) => ({
    user: `u${(at * 7) % 90}`,
    item: `i${(at * at) % 160}`,
    rating: (at % 9) - 2,
    time: at % 1000,
  }))
  const features = Array.from({ length: 160 }, (_, item) => `i${item} tag${item % 7} tag${item % 5}\n`).join('')
  const made = await Dataset.fromRows(rows, { features: new Blob([features]) })
  const parts = await made.split({ by: 'user', test: 0, validation: 0.2, seed: 3 })
  for (const kind of ['ials', 'sasrec', 'cml'] as const) {
    const { seconds: _, ...alone } = await tune(parts, { kind, trials: 3, epochs: 3, engines: 1 })
    expect(await tune(parts, { kind, trials: 3, epochs: 3, engines: 2 })).toMatchObject(alone)
  }
})

test('searches that share a log take different jobs and come to the same trials', async () => {
  const log = join(folder, 'shared.jsonl')
  const { seconds: _, ...alone } = await tune(data, search)
  const done: [number, number] = [0, 0]
  const both = await Promise.all(
    [0, 1].map((which) =>
      tune(data, { ...search, log, shared: true, engines: 1, onTrial: () => void done[which as 0 | 1]++ }),
    ),
  )
  for (const report of both) expect(report).toMatchObject(alone)
  const lines = readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line))
  const results = lines.filter(({ value }) => value !== undefined).map(({ trial, rung }) => `${trial}/${rung}`)
  // At most the last job of each rung is done twice.
  expect(results.length - new Set(results).size).toBeLessThanOrEqual(3)
  expect(Math.min(...done)).toBeGreaterThan(2)
})

test('a search goes on with the jobs of a process that has ended', async () => {
  const log = join(folder, 'ended.jsonl')
  const { seconds: _, ...alone } = await tune(data, search)
  const stop = new AbortController()
  await tune(data, {
    ...search,
    log,
    shared: true,
    signal: stop.signal,
    onEpoch: () => stop.abort(new Error('stop')),
  }).catch(() => {})
  expect(readFileSync(log, 'utf8')).toMatch(/"begun"/)
  expect(await tune(data, { ...search, log, shared: true })).toMatchObject(alone)
})

test.each([
  [{ engines: 0 }, 'config/out-of-range', /'engines' is 0: expected an integer from 1 to 64/],
  [{ engines: 1.5 }, 'config/out-of-range', /from 1 to 64/],
  [{ shared: true }, 'config/bad-argument', /shared is true; expected false, or a 'log' that the processes share/],
])('%o is refused', async (options, code, message) => {
  const error = await tune(data, { kind: 'ease', ...options }).catch((error: unknown) => error)
  expect(error).toMatchObject({ code })
  expect(String(error)).toMatch(message)
})
