import { linkSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { put, run, temporaryFolder } from './support.ts'

const folder = temporaryFolder()
const RATINGS = `user,item,rating\n${Array.from({ length: 60 }, (_, row) => `${row % 6},${(row * 7) % 11},${(row % 5) + 1}\n`).join('')}`

beforeAll(async () => {
  put(folder, 'ratings.csv', RATINGS)
  put(folder, 'test.csv', RATINGS)
  put(folder, 'items.csv', 'item,title\n1,One\n')
  put(folder, 'features.txt', '1 2 3\n')
  put(folder, 'names.txt', 'a\nb\n')
  put(folder, 'config.json', '{"seed":1}')
  put(folder, 'list.txt', '1\n2\n')
  symlinkSync('ratings.csv', join(folder, 'link.csv'))
  linkSync(join(folder, 'ratings.csv'), join(folder, 'hard.csv'))
  const { code, stderr } = await run(folder, 'train', 'ratings.csv', '--model', 'pop', '--out', 'm.st', '--quiet')
  expect(code, stderr).toBe(0)
})

const TRAIN = ['train', 'ratings.csv', '--model', 'pop']
const SIDES = ['--items', 'items.csv', '--features', 'features.txt', '--features-names', 'names.txt']

// The command line without its output, the flag of the output, and the file that it must not write over.
const cases: [string[], string, string][] = [
  [TRAIN, '--out', 'ratings.csv'],
  [TRAIN, '--out', './ratings.csv'],
  [TRAIN, '--out', `../${folder.split('/').at(-1)}/ratings.csv`],
  [TRAIN, '--out', 'link.csv'],
  [TRAIN, '--out', 'hard.csv'],
  [[...TRAIN, '--test', 'test.csv'], '--out', 'test.csv'],
  [[...TRAIN, ...SIDES], '--out', 'items.csv'],
  [[...TRAIN, ...SIDES], '--out', 'features.txt'],
  [[...TRAIN, ...SIDES], '--out', 'names.txt'],
  [[...TRAIN, '--config', 'config.json'], '--out', 'config.json'],
  [['data', 'convert', 'ratings.csv'], '--out', 'hard.csv'],
  [['data', 'convert', 'link.csv'], '--out', 'ratings.csv'],
  [['recommend', 'm.st', '--all'], '--out', 'm.st'],
  [['recommend', 'm.st', '--all', '--items', 'items.csv'], '--out', 'items.csv'],
  [['recommend', 'm.st', '--all', '--filter', '@list.txt'], '--out', 'list.txt'],
  [['recommend', 'm.st', '--all', '--filter=@list.txt'], '--out', 'list.txt'],
  [['compare', 'ratings.csv', '--models', 'pop'], '--report', 'ratings.csv'],
  [['compare', 'ratings.csv', '--models', 'pop', '--test', 'test.csv'], '--report', './test.csv'],
  [['data', 'make', '--out', 'new.csv'], '--items-out', './new.csv'],
]

test.concurrent.each(cases)('%j does not write %s over %s', async (words, flag, file) => {
  const before = file.includes('new') ? undefined : readFileSync(join(folder, file))
  const { code, stdout, stderr } = await run(folder, ...words, flag, file)
  expect({ code, stdout }, stderr).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(`${flag} ${file} is the file of`)
  if (before) expect(readFileSync(join(folder, file))).toEqual(before)
})

test('a new file, and the same name in another folder, are written', async () => {
  expect((await run(folder, 'data', 'convert', 'ratings.csv', '--out', 'copy.csv')).code).toBe(0)
  // Over an older output.
  expect((await run(folder, 'data', 'convert', 'ratings.csv', '--out', 'copy.csv')).code).toBe(0)
})

test('every flag that names a file is checked', async () => {
  const commands = [
    'train',
    'compare',
    'evaluate',
    'recommend',
    'similar',
    'explain',
    'slots',
    'data info',
    'data convert',
    'data make',
  ]
  const helps = await Promise.all(commands.map((command) => run(folder, ...command.split(' '), '--help')))
  const flags = helps.flatMap(({ stdout }) => [...stdout.matchAll(/--([\w-]+) <file>/g)].map(([, flag]) => flag))
  const inputs = ['config', 'items', 'features', 'features-names', 'test', 'given', 'exclude', 'database']
  expect([...new Set(flags)].sort()).toEqual([...inputs, 'out', 'items-out', 'report'].sort())
})
