import { beforeAll, expect, test } from 'vitest'
import { put, run, strangers, temporaryFolder } from './support.ts'

const folder = temporaryFolder()

beforeAll(() => {
  put(folder, 'r.csv', 'user,item,rating\na,x,1\nb,y,5\n')
  put(folder, 'unknown.json', '{"epochs":2,"modle":"bias"}')
  put(folder, 'wrong.json', '{"epochs":"many"}')
  put(folder, 'list.json', '[1]')
})

const TRAIN = ['train', 'r.csv', '--model', 'bias', '--out', 'o.st']

// Arguments, and the texts that the message must contain: the wrong value and the accepted values.
test.concurrent.each<[string[], string[]]>([
  [['trian'], ["unknown command 'trian'", '(Did you mean train?)']],
  [
    ['data', 'inf'],
    ["unknown command 'inf'", '(Did you mean info?)'],
  ],
  [['train'], ["'train' needs --model <kind>"]],
  [
    ['train', '--model', 'bias', '--out', 'o.st'],
    ['no ratings', '--sql QUERY'],
  ],
  [
    [...TRAIN, '--sql', 'select 1'],
    ['r.csv', '--sql', 'one of them'],
  ],
  [[...TRAIN, '--database', 'd.duckdb'], ['--database needs --sql']],
  [
    ['data', 'info', '--sql', 'select 1', '--format', 'csv'],
    ['--format', '--sql'],
  ],
  [['train', 'r.csv', '--out', 'o.st'], ["'train' needs --model <kind>"]],
  [['data', 'make'], ["'data make' needs --out <file>"]],
  [['evaluate', 'm.st'], ['--test <file>']],
  [
    ['evaluate', 'm.st', '--test', 'r.csv', '--k', '5,x'],
    ["'5,x'", 'a whole number from 1'],
  ],
  [
    ['recommend', 'm.st'],
    ['--user ID', '--history ITEMS', '--all --out FILE'],
  ],
  [
    ['recommend', 'm.st', '--user', '1', '--history', 'a'],
    ['one of', '--history ITEMS'],
  ],
  [
    ['recommend', 'm.st', '--history', 'a,,b'],
    ["'a,,b'", 'a=5,"c, d"=3'],
  ],
  [
    ['similar', 'm.st', '--item', '1', '--user', '1'],
    ['--item ID', '--user ID'],
  ],
  [
    ['similar', 'm.st'],
    ['--item ID', '--user ID'],
  ],
  [['explain', 'm.st', '--user', '1'], ["'explain' needs --item <id>"]],
  [
    ['data', 'convert', 'r.csv', '--out', 'r.parquet'],
    ['r.parquet', '.jsonl.gz', '--to FORMAT'],
  ],
  [
    ['data', 'info', 'r.csv', '--features-layout', 'item-rows'],
    ['--features-layout', '--features FILE'],
  ],
  [
    ['data', 'info', 'r.csv', '--positive-threshold', 'high'],
    ["'high'", 'a number'],
  ],
  [
    ['data', 'info', 'r.csv', '--from', 'yesterday'],
    ['from', 'yesterday', '2015-03-04'],
  ],
  [['recommend', 'm.st', '--all'], ['--all and --out']],
  [
    ['recommend', 'm.st', '--user', '1', '--exclude', 'all'],
    ["'all'", 'seen, none'],
  ],
  [
    ['recommend', 'm.st', '--user', '1', '--candidates', '@no-such-file'],
    ['no-such-file', 'cannot be read'],
  ],
  [
    ['recommend', 'm.st', '--user', '1', '--filter', 'a,,b'],
    ['ids or titles between commas', '@FILE'],
  ],
  [
    ['similar', 'm.st', '--item', '1', '--k', '0'],
    ["'0'", 'a whole number from 1'],
  ],
  [[...TRAIN, 'more.csv'], ['too many arguments']],
  [
    [...TRAIN, '--epocs', '3'],
    ["unknown option '--epocs'", '(Did you mean --epochs?)'],
  ],
  [
    [...TRAIN, '--epochs', '1.5'],
    ["'1.5'", 'a whole number from 1'],
  ],
  [
    [...TRAIN, '--seed', '-1'],
    ["'-1'", 'a whole number from 0'],
  ],
  [
    [...TRAIN, '--threads', '999'],
    ['999', '1 to 64'],
  ],
  [
    [...TRAIN, '--split', 'leave-two-out'],
    ["'leave-two-out'", 'random:0.1', 'leave-one-out', 'kfold:5'],
  ],
  [
    [...TRAIN, '--split', 'random:1'],
    ['--split random:1', "'test' is 1", 'below 1'],
  ],
  [
    [...TRAIN, '--split', 'per-user:0.6,0.6'],
    ['--split per-user:0.6,0.6', 'fractions', 'add up to 1'],
  ],
  [[...TRAIN, '--split', 'kfold'], ['kfold:5']],
  [
    [...TRAIN, '--split', 'kfold:1'],
    ['--split kfold:1', 'folds', '2 to 1000'],
  ],
  [
    [...TRAIN, '--split', 'random:0.1;validation=true'],
    ['Leave out validation', '--epochs'],
  ],
  [[...TRAIN, '--split', 'random:.5', '--test', 'r.csv'], ['--test and --split']],
  [
    [...TRAIN, '--set', 'damping'],
    ["'damping'", 'KEY=VALUE'],
  ],
  [
    [...TRAIN, '--set', 'dampin=1'],
    ["'dampin'", 'damping'],
  ],
  [
    [...TRAIN, '--set', 'damping=high'],
    ["'damping'", '"high"', 'number'],
  ],
  [
    [...TRAIN, '--set', 'damping=-1'],
    ["'damping'", '-1', '0 to'],
  ],
  [
    [...TRAIN, '--model', 'nope'],
    ["'nope'", 'biased-mf, '],
  ],
  [
    [...TRAIN, '--rating-range', '5,1'],
    ["'5,1'", 'LO,HI'],
  ],
  [
    [...TRAIN, '--columns', 'usr=a'],
    ["'usr'", 'user, item, rating, time'],
  ],
  [
    [...TRAIN, '--format', 'xls'],
    ["'xls'", 'csv, tsv'],
  ],
  [
    [...TRAIN, '--config', 'unknown.json'],
    ['unknown.json', "'modle'", 'model, out'],
  ],
  [
    [...TRAIN, '--config', 'wrong.json'],
    ['wrong.json', "'epochs'", '"many"', 'a whole number from 1'],
  ],
  [
    [...TRAIN, '--config', 'list.json'],
    ['list.json', 'expected an object'],
  ],
  [
    [...TRAIN, '--config', 'none.json'],
    ['none.json', 'no such file'],
  ],
  [
    ['data', 'make', '--out', 'm.csv', '--users', '2', '--items', '2'],
    ["'ratings' is 50000", '1 to 4'],
  ],
])('rejects %j as misuse', async (words, told) => {
  const { code, stdout, stderr } = await run(folder, ...words)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/^tastespace: /)
  expect(stderr).not.toMatch(/\n {4}at /)
  for (const text of told) expect(stderr).toContain(text)
  expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2)
})

test('--json prints a misuse error as one line', async () => {
  const { code, stderr } = await run(folder, ...TRAIN, '--json', '--set', 'dampin=1')
  expect(code).toBe(2)
  expect(stderr.split('\n')).toEqual([expect.any(String), ''])
  expect(JSON.parse(stderr)).toEqual({
    error: {
      code: 'config/unknown-key',
      message: expect.stringContaining('dampin'),
      details: { kind: 'bias', key: 'dampin', accepted: ['damping'] },
    },
  })
})

test('a configuration file can set --json even if another of its values is invalid', async () => {
  put(folder, 'json.json', '{"epochs":"many","json":true}')
  const { code, stderr } = await run(folder, ...TRAIN, '--config', 'json.json')
  expect(code).toBe(2)
  expect(JSON.parse(stderr).error).toMatchObject({ code: 'cli/misuse', details: { key: 'epochs', value: 'many' } })
})

test('--debug prints the stack trace', async () => {
  const { code, stderr } = await run(folder, ...TRAIN, '--debug', '--model', 'nope')
  expect(code).toBe(2)
  expect(stderr).toMatch(/\n {4}at /)
})

test('prints the help without a command', async () => {
  const { code, stdout, stderr } = await run(folder)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain('Commands:')
})

test('--version and --help exit with code 0', async () => {
  expect(await run(folder, '--version')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
  for (const command of [[], ['recommend'], ['explain'], ['data'], ['data', 'make'], ['doctor']]) {
    const { code, stdout } = await run(folder, ...command, '--help')
    expect(code).toBe(0)
    expect(stdout).toContain(`Usage: tastespace ${command.join(' ')}`.trimEnd())
  }
})

test('leaves no other files behind', () => {
  expect(strangers(folder, 'r.csv', 'unknown.json', 'wrong.json', 'list.json', 'json.json')).toEqual([])
})
