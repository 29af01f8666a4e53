import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { ended, run, start, temporaryFolder } from './support.ts'

const folder = temporaryFolder()

beforeAll(async () => {
  const sizes = ['--users', '400', '--items', '300', '--ratings', '20000']
  expect((await run(folder, 'data', 'make', '--out', 'ratings.csv', ...sizes)).code).toBe(0)
})

const words = ['tune', 'ratings.csv', '--model', 'cml', '--trials', '9', '--epochs', '27', '--json', '--quiet']

/** The report without its time. */
function reportOf(stdout: string): unknown {
  const { seconds: _, ...report } = JSON.parse(stdout)
  return report
}

test('a search that was killed five times comes to the same best trial', async () => {
  const whole = await run(folder, ...words)
  expect(whole.code).toBe(0)
  for (let results = 2; results <= 10; results += 2) {
    const child = start(folder, [...words, '--log', 'study.jsonl'])
    const end = ended(child)
    await lines('study.jsonl', 1 + results)
    child.kill('SIGKILL')
    await end
  }
  const last = await run(folder, ...words, '--log', 'study.jsonl')
  expect(last.code).toBe(0)
  expect(reportOf(last.stdout)).toEqual(reportOf(whole.stdout))
}, 60_000)

test('two processes share a search, and one that is killed is not missed', async () => {
  const whole = await run(folder, ...words)
  const shared = [...words, '--log', 'shared.jsonl', '--shared', '--engines', '1']
  const killed = start(folder, shared)
  const end = ended(killed)
  await lines('shared.jsonl', 4)
  const others = [run(folder, ...shared), run(folder, ...shared, '--report', 'shared.html')]
  killed.kill('SIGKILL')
  await end
  for (const { code, stdout } of await Promise.all(others)) {
    expect(code).toBe(0)
    const { report: _, ...report } = reportOf(stdout) as Record<string, unknown>
    expect(report).toEqual(reportOf(whole.stdout))
  }
  expect(readFileSync(join(folder, 'shared.html'), 'utf8')).toMatch(/<title>cml tuned on ratings\.csv/)
}, 60_000)

test('the best options are written for train, which takes them', async () => {
  const split = ['--split', 'leave-one-out']
  const flags = ['--model', 'ease', '--trials', '5', ...split, '--out', 'best.json']
  const { code, stdout } = await run(folder, 'tune', 'ratings.csv', ...flags)
  expect(code).toBe(0)
  expect(stdout).toMatch(/^ease {2}5 trials, /)
  expect(stdout).toMatch(/trial +ndcg@10 +best epoch +of +penalty\n/)
  expect(stdout).toMatch(/defaults +0\.\d{4} +1 +1 +250\n/)
  const config = JSON.parse(readFileSync(join(folder, 'best.json'), 'utf8'))
  expect(config).toMatchObject({ model: 'ease', split: 'leave-one-out', seed: 0 })
  const train = await run(folder, 'train', 'ratings.csv', '--config', 'best.json', '--out', 'model.st', '--json')
  expect(train.code).toBe(0)
  expect(JSON.parse(train.stdout)).toMatchObject({ model: 'ease', protocol: { split: 'leave-one-out' } })
})

test('the result fits into 80 columns', async () => {
  for (const kind of ['biased-mf', 'ease']) {
    const { code, stdout } = await run(folder, 'tune', 'ratings.csv', '--model', kind, '--trials', '5', '--epochs', '3')
    expect(code).toBe(0)
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
  }
})

test('Ctrl-C keeps the best trial so far', async () => {
  const child = start(folder, [
    ...words.slice(0, 4),
    '--trials',
    '200',
    '--json',
    '--out',
    'kept.json',
    '--log',
    'kept.jsonl',
  ])
  const end = ended(child)
  await lines('kept.jsonl', 3)
  child.kill('SIGINT')
  const { code, stdout, stderr } = await end
  expect(code).toBe(0)
  expect(stderr).toMatch(/interrupted: kept the best trial so far/)
  expect(JSON.parse(stdout)).toMatchObject({ aborted: true, kind: 'cml' })
  expect(JSON.parse(readFileSync(join(folder, 'kept.json'), 'utf8'))).toMatchObject({ model: 'cml' })
}, 60_000)

test('Ctrl-C before the first result says what the log is for', async () => {
  // One epoch takes seconds with this option.
  const slow = ['tune', 'ratings.csv', '--model', 'cml', '--set', 'factors=4096', '--threads', '1', '--json']
  const child = start(folder, [...slow, '--log', 'early.jsonl'])
  const end = ended(child)
  await lines('early.jsonl', 1)
  child.kill('SIGINT')
  const { code, stdout, stderr } = await end
  expect({ code, stdout }).toEqual({ code: 130, stdout: '' })
  expect(stderr).toContain('interrupted before there was a model to keep: the same command goes on from early.jsonl')
}, 60_000)

/** Waits until a file has a number of lines. */
async function lines(name: string, least: number): Promise<void> {
  const path = join(folder, name)
  while (!existsSync(path) || readFileSync(path, 'utf8').split('\n').length <= least) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const misused: [string, string[], RegExp][] = [
  ['no model', [], /'tune' needs --model/],
  ['a range that is none', ['--model', 'cml', '--space', 'margin=2..1'], /LOW below HIGH/],
  [
    'a range of an unknown option',
    ['--model', 'cml', '--space', 'size=1..2'],
    /space has 'size', which is no option of cml/,
  ],
  ['sharing without a log', ['--model', 'cml', '--shared'], /--shared needs --log/],
  ['folds', ['--model', 'cml', '--split', 'kfold:5'], /choose a fold/],
  ['the data as log', ['--model', 'cml', '--log', 'ratings.csv'], /ratings\.csv is the file of <data>/],
]

test.each(misused)('%s is misuse', async (_name, flags, message) => {
  const { code, stderr } = await run(folder, 'tune', 'ratings.csv', ...flags)
  expect([code, stderr]).toEqual([2, expect.stringMatching(message)])
})

test('a device is no log', async () => {
  const { code, stderr } = await run(folder, 'tune', 'ratings.csv', '--model', 'ease', '--log', '/dev/null')
  expect([code, stderr]).toEqual([1, expect.stringMatching(/\/dev\/null is no log of a study: it is no plain file/)])
})

test('a file that is no log is left alone', async () => {
  writeFileSync(join(folder, 'notes.txt'), 'mine\n')
  const { code, stderr } = await run(folder, 'tune', 'ratings.csv', '--model', 'ease', '--log', 'notes.txt')
  expect([code, stderr]).toEqual([1, expect.stringMatching(/notes\.txt is no log of a study: line 1 is no JSON/)])
  expect(readFileSync(join(folder, 'notes.txt'), 'utf8')).toBe('mine\n')
})

test('training goes on with the data that the search was on', async () => {
  const reading = ['--positive-threshold', '4', '--core', '3', '--metric', 'hr@10', '--seed', '2']
  const flags = ['--model', 'bpr', '--trials', '2', '--epochs', '2', ...reading]
  const { code, stdout } = await run(folder, 'tune', 'ratings.csv', ...flags, '--out', 'read.json')
  expect(code).toBe(0)
  const config = JSON.parse(readFileSync(join(folder, 'read.json'), 'utf8'))
  expect(config).toMatchObject({ positiveThreshold: '4', core: '3', metric: 'hr@10', seed: 2 })
  expect(stdout).not.toContain('--positive-threshold')
  const trained = await run(folder, 'train', 'ratings.csv', '--config', 'read.json', '--out', 'read.st', '--json')
  expect([trained.code, JSON.parse(trained.stdout).protocol.seed]).toEqual([0, 2])
  const help = await run(folder, 'tune', '--help')
  expect(help.stdout).toContain('Kinds of models:')
})
