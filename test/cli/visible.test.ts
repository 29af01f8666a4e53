import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { put, run, temporaryFolder } from './support.ts'

const folder = temporaryFolder()

/** What a terminal would act on: control characters but the ends of lines, and changes of the direction of text. */
const DANGEROUS = /(?!\n)[\p{Control}\u202a-\u202e\u2066-\u2069]/u

const CLEAR = '\u001b[2J'
const LINK = '\u001b]8;;http://elsewhere\u0007'
const TITLES = ['\u009b2Jone', `${LINK}two`, '\u202eeerht', 'four\r\u0008', '\u001b[31mfive']
const data = `${CLEAR}data.csv`

beforeAll(async () => {
  const ids = TITLES.map((_, index) => `${CLEAR}${index}`)
  const ratings = ids.flatMap((item, index) => [`${LINK}user,${item},${1 + index}`, `other,${item},${5 - index}`])
  put(folder, data, `user,item,rating\n${ratings.join('\n')}\nlast,${ids[0]},3\n`)
  put(folder, 'items.csv', `item,title\n${ids.map((id, index) => `${id},"${TITLES[index]}"`).join('\n')}\n`)
  const words = ['train', data, '--model', 'ease', '--out', 'model.st', '--items', 'items.csv']
  const { code, stdout, stderr } = await run(folder, ...words)
  expect(code, stderr).toBe(0)
  expect(stdout + stderr).not.toMatch(DANGEROUS)
  expect(stderr).toContain('\\x1b[2Jdata.csv')
})

const commands: string[][] = [
  ['recommend', 'model.st', '--user', 'last'],
  ['recommend', 'model.st', '--user', 'last', '--json'],
  ['recommend', 'model.st', '--user', `${CLEAR}nobody`],
  ['recommend', 'model.st', '--user', `${CLEAR}nobody`, '--json'],
  ['recommend', 'model.st', '--user', `${LINK}user`, '--user', 'last'],
  ['similar', 'model.st', '--item', `${CLEAR}0`],
  ['explain', 'model.st', '--user', 'last', '--item', `${CLEAR}1`],
  ['data', 'info', data, '--items', 'items.csv'],
  ['data', 'info', data, '--json'],
  ['data', 'info', `${CLEAR}missing.csv`],
  ['data', 'convert', data, '--out', `${LINK.replaceAll('/', '')}.csv`],
  ['compare', data, '--models', 'pop,ease', '--split', 'random:0.3'],
  [`${CLEAR}command`],
  ['train', data, '--model', `${CLEAR}kind`, '--out', 'never.st'],
  ['train', data, '--model', 'pop', '--out', 'never.st', `--${CLEAR}flag`],
  ['train', data, '--model', 'pop', '--out', `${CLEAR}/never.st`],
]

test.concurrent.each(commands)('%j shows control characters by their codes', async (...words) => {
  const { stdout, stderr } = await run(folder, ...words)
  expect(stdout + stderr).not.toMatch(DANGEROUS)
  expect(stdout + stderr).not.toBe('')
})

test('lists for a spreadsheet have no formulas, and others the ids as they are', async () => {
  const ids = ['=1+1', '@SUM(A1)', '-1', '-x', '+1.5', '+cmd|x', '\uff1dA1', 'a=1']
  put(folder, 'formulas.csv', `user,item\n${ids.map((id) => `u,"${id}"`).join('\n')}\n`)
  await run(folder, 'train', 'formulas.csv', '--model', 'pop', '--out', 'formulas.st')
  const items = async (...flags: string[]) => {
    const words = ['recommend', 'formulas.st', '--all', '--exclude', 'none', '--out', 'formulas-lists.csv', ...flags]
    expect((await run(folder, ...words)).code).toBe(0)
    const lines = readFileSync(join(folder, 'formulas-lists.csv'), 'utf8').trimEnd().split('\n').slice(1)
    return lines.map((line) => line.split(',')[2]).sort()
  }
  expect(await items()).toEqual([...ids].sort())
  const safe = ["'=1+1", "'@SUM(A1)", '-1', "'-x", '+1.5', "'+cmd|x", "'\uff1dA1", 'a=1']
  expect(await items('--spreadsheet-safe')).toEqual(safe.sort())
})

test('JSON means the same, and files have the ids byte for byte', async () => {
  const { stdout } = await run(folder, 'recommend', 'model.st', '--user', 'last', '--json')
  const { users } = JSON.parse(stdout)
  for (const { item, title } of users[0].items) expect(title).toBe(TITLES[item.at(-1)]?.trim())
  const words = ['recommend', 'model.st', '--all', '--exclude', 'none', '--out', 'lists.csv']
  expect((await run(folder, ...words)).code).toBe(0)
  expect(readFileSync(join(folder, 'lists.csv'), 'utf8')).toContain(`${LINK}user,1,${CLEAR}`)
})
