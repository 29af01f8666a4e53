import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Dataset, loadModel, Popularity, type Row } from 'tastespace'
import { expect, test } from 'vitest'
import { run, temporaryFolder } from '../cli/support.ts'

const folder = temporaryFolder()

/** Whole numbers below `end`, the same in every run. */
function randomNumbers(): (end: number) => number {
  let state = 20
  return (end) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * end)
  }
}

/** Ids that formats, spreadsheets, shells and JavaScript give a meaning. */
const SPECIAL = [
  ...['\ufeff', '\ufeffa', 'a\ufeff', ' a', 'a ', '\ta', 'a\t', ' ', '\u00a0', '\u00a0a', '\u2028', '\u0085', '\u200b'],
  ...['"', '""', '"a"', 'a"b', ',', 'a,b', ';', '|', '::', "'", 'a\nb', 'a\r\nb', '\n', '\r', 'a\r', '\\', '\\n'],
  ...[
    'true',
    '1.0',
    '1',
    '01',
    '1e3',
    '+1',
    '-0',
    '-1',
    '9007199254740993',
    '18446744073709551616',
    '=1+1',
    '@x',
    '#a',
  ],
  ...['user', 'item', 'user,item', '{"a":1}', '[1]', '__proto__', 'constructor', 'toString', '\u001b[2J', '\u202e'],
  ...['é', 'e\u0301', 'İ', 'ß', '😀', '\u{10ffff}', '\uffff', '\ufffe', 'a'.repeat(10_000)],
]

/** Texts of characters of all of Unicode but zero, which no text file has, and halves of surrogate pairs. */
function randomTexts(count: number): string[] {
  const number = randomNumbers()
  const character = () => {
    const code = [128, 0x800, 0x10000, 0x110000].map((end) => 1 + number(end - 1))[number(4)] ?? 1
    return code >= 0xd800 && code <= 0xdfff ? 'x' : String.fromCodePoint(code)
  }
  return Array.from({ length: count }, () => Array.from({ length: 1 + number(6) }, character).join(''))
}

const ids = [...new Set([...SPECIAL, ...randomTexts(400)])]
const rows: Row[] = ids.flatMap((user, index) =>
  [3, 50].map((step) => ({ user, item: ids[(index + step) % ids.length] ?? '', rating: 1 + (index % 5) })),
)

/** Equal as sets, with the first few that differ where they are not. */
function expectIds(found: Iterable<string>): void {
  const set = new Set(found)
  expect([
    ids.filter((id) => !set.has(id)).slice(0, 5),
    [...set].filter((id) => !ids.includes(id)).slice(0, 5),
  ]).toEqual([[], []])
}

async function expectData(data: Dataset): Promise<void> {
  expectIds(await data.userIds())
  expectIds(await data.itemIds())
}

test('ids come out of every reader and writer as they went in', async () => {
  const data = await Dataset.fromRows(rows)
  await expectData(data)
  const columns = { user: rows.map(({ user }) => user), item: rows.map(({ item }) => item) }
  await expectData(await Dataset.fromColumns(columns))
  await expectData(await Dataset.fromStream(data.toCSV()))
  await expectData(await Dataset.fromStream(data.toJSONLines()))
  await expectData(await Dataset.fromBytes(JSON.stringify(rows)))
  await expectData(await Dataset.fromBytes(rows.map((row) => JSON.stringify(row)).join('\n')))
})

test('ids come out of a model, its file and the lists of all users as they went in', async () => {
  const model = await Popularity.create()
  await model.fit(await Dataset.fromRows(rows))
  await model.save(join(folder, 'model.st'))
  const loaded = await loadModel(join(folder, 'model.st'))
  expectIds(await loaded.userIds())
  expectIds(await loaded.itemIds())
  const lists = await loaded.recommend(await loaded.userIds(), { seen: 'include', k: ids.length })
  expectIds(lists.flat().map(({ item }) => item))

  const words = ['recommend', 'model.st', '--all', '--exclude', 'none', '--k', String(ids.length), '--quiet', '--out']
  for (const out of ['lists.csv', 'lists.jsonl']) expect((await run(folder, ...words, out)).code).toBe(0)
  const lines = readFileSync(join(folder, 'lists.jsonl'), 'utf8').trimEnd().split('\n')
  const written: { user: string; item: string }[] = lines.map((line) => JSON.parse(line))
  expectIds(written.map(({ user }) => user))
  expectIds(written.map(({ item }) => item))
  const named = { user: 'user', item: 'item', rating: 'score', time: 'none' }
  await expectData(await Dataset.fromFile(join(folder, 'lists.csv'), { columns: named }))
})

test('halves of surrogate pairs are refused', async () => {
  for (const id of ['\ud83d', 'a\udc00', '\udc00\ud83d']) {
    await expect(Dataset.fromRows([{ user: id, item: 'x' }])).rejects.toMatchObject({ code: 'data/bad-id' })
    await expect(Dataset.fromRows([{ user: 'x', item: id }])).rejects.toMatchObject({ code: 'data/bad-id' })
  }
  // Apart they are no pair either.
  const model = await Popularity.create()
  await model.fit(await Dataset.fromRows(rows))
  await expect(model.recommend(['\ud83d', '\ude00'])).rejects.toMatchObject({ code: 'data/bad-id' })
})
