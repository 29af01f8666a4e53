// Files in the layouts that people really have: what is read of each, or what its refusal names.
import { cpSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { run, temporaryFolder } from './support.ts'

const folder = temporaryFolder()
const CASES = fileURLToPath(new URL('../fixtures/cases', import.meta.url))

beforeAll(() => cpSync(CASES, folder, { recursive: true }))

interface Info {
  readonly rows: number
  readonly users: number
  readonly items: number
  readonly ratings: { readonly mean: number; readonly range: readonly number[] } | null
  readonly times: readonly [number, number] | null
  readonly notes: readonly { readonly code: string; readonly text: string }[]
  readonly unread: readonly string[]
  readonly sample: readonly { readonly user: string; readonly item: string; readonly rating?: number }[]
  readonly source: { readonly skipped: { readonly rows: number } }
}

/** What `data info` tells of a file, and its stderr. */
async function info(file: string, ...words: string[]): Promise<Info & { readonly stderr: string }> {
  const { code, stdout, stderr } = await run(folder, 'data', 'info', file, ...words, '--json')
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  return { ...JSON.parse(stdout), stderr }
}

/** The message of a command that fails. */
async function refusal(...words: string[]): Promise<string> {
  const { code, stderr } = await run(folder, ...words, '--quiet')
  expect({ code, lines: stderr.trim().split('\n').length }).toEqual({ code: 1, lines: 1 })
  return stderr
}

const from = ({ times }: Info) => new Date((times?.[0] ?? 0) * 1000).toISOString().slice(0, 10)
const codes = ({ notes }: Info) => notes.map(({ code }) => code)

test.each<[file: string, first?: string]>([
  ['json-array/ratings.json'],
  ['layouts/ratings.mtx'],
  ['feedback/plays.csv'],
  ['latin1/ratings.dat', '2014-05-14'],
  ['excel/bom_semicolon_en.csv', '2014-05-14'],
  ['excel/us_dates.csv', '2014-05-14'],
  ['columns/spaced_names.csv', '2014-05-14'],
  ['layouts/combined_data_1.txt'],
])('%s is read unaided', async (file, first) => {
  const read = await info(file)
  expect(read).toMatchObject({ rows: 300, users: 30, items: 25, unread: [] })
  expect(read.ratings).not.toBeNull()
  if (first !== undefined) expect(from(read)).toBe(first)
})

test('times in milliseconds are recognised, and filters use them', async () => {
  const read = await info('times/ms.csv')
  expect([from(read), codes(read)]).toEqual(['2014-05-14', ['data/times']])
  expect(read.stderr).toContain('times in milliseconds')
  expect((await info('times/ms.csv', '--from', '2015-01-01')).rows).toBe(238)
  const reviews = await info('times/Toys_2023.jsonl')
  expect(reviews.unread).toContain('helpful_vote')
  expect(codes(reviews)).toEqual(['data/unread-columns', 'data/times'])
})

test('Latin-1 side files are read with a note', async () => {
  const read = await info('latin1/ratings.dat', '--items', 'latin1/movies.dat')
  expect(codes(read)).toEqual(['data/windows-1252'])
  const words = ['--items', 'latin1/movies.dat', '--model', 'item-knn', '--epochs', '1', '--out', 'titles.st']
  expect((await run(folder, 'train', 'latin1/ratings.dat', ...words)).code).toBe(0)
  const similar = await run(folder, 'similar', 'titles.st', '--item', 'Amelie of the glass cafe', '--k', '3', '--json')
  expect(similar).toMatchObject({ code: 0 })
  const shown = await run(folder, 'similar', 'titles.st', '--item', '1', '--k', '25')
  expect(shown.stdout).toContain('Amélie of the Glass Café (1973)')
  const books = await info('latin1/ratings.dat', '--items', 'latin1/BX-Books.csv')
  expect(codes(books)).toContain('data/no-titles')
})

test.each([
  ['nan.csv', 2, '"NaN"', 10],
  ['blank.csv', 2, '""', 10],
  ['null_word.csv', 2, '"NULL"', 10],
  ['mysql.tsv', 52, '"\\N"', 1],
  ['text_rating.csv', 79, '"four"', 1],
  ['short_line.csv', 79, '"3,7"', 1],
])('bad-rows/%s is refused with the option that leaves such rows out', async (file, line, value, skipped) => {
  const message = await refusal('data', 'info', `bad-rows/${file}`)
  for (const part of [`line ${line}`, value, '--bad-rows skip']) expect(message).toContain(part)
  const read = await info(`bad-rows/${file}`, '--bad-rows', 'skip')
  expect(read.rows).toBeLessThan(300)
  expect(read.source.skipped.rows).toBeGreaterThanOrEqual(skipped === 1 ? 1 : 2)
  expect(read.stderr).toContain(`line ${line}`)
})

test('a word for nothing is no user', async () => {
  const read = await info('bad-rows/null_user_word.csv')
  expect(read.rows).toBe(290)
  expect(read.stderr).toContain('such as NULL or NaN')
  expect(read.sample.map(({ user }) => user)).not.toContain('NULL')
})

test("Excel's files", async () => {
  const columns = ['--columns', 'user=Benutzer,item=Artikel,rating=Bewertung,time=Datum']
  const read = await info('excel/sep_semicolon.csv', ...columns)
  expect(read.ratings?.range).toEqual([0.5, 4.5])
  expect(from(read)).toBe('2014-05-14')
  expect(await refusal('data', 'info', 'excel/sep_semicolon.csv')).toContain('Benutzer, Artikel, Bewertung, Datum')
  const without = await info('excel/us_dates.csv', '--columns', 'time=none')
  expect([without.times, without.unread]).toEqual([null, ['date']])
})

test('matrices are read with the options that the refusal names', async () => {
  const jester = 'layouts/jester-data-1.csv'
  expect(await refusal('data', 'info', jester)).toContain('--format wide --missing 99')
  const jokes = await info(jester, '--format', 'wide', '--missing', '99')
  expect(jokes).toMatchObject({ rows: 694, users: 60, items: 20 })
  expect(jokes.sample[0]).toEqual({ user: '0', item: '1', rating: -6.05 })
  expect(await refusal('data', 'info', 'layouts/pivot.csv')).toContain('--format wide')
  expect(await info('layouts/pivot.csv', '--format', 'wide')).toMatchObject({ rows: 205, users: 25, items: 12 })
})

test('a file without a header shows its first rows and the columns to try', async () => {
  const message = await refusal('data', 'info', 'layouts/steam-200k.csv')
  for (const part of ['1=151603731', '2=The Golden Letter', '3=purchase', '--columns user=1,item=2']) {
    expect(message).toContain(part)
  }
  const columns = ['--columns', 'user=1,item=2,rating=4', '--duplicates', 'max']
  expect(await info('layouts/steam-200k.csv', ...columns)).toMatchObject({ users: 30, items: 25, unread: ['3', '5'] })
})

test("one person's exports are recognised", async () => {
  for (const [file, name] of [
    ['one-person/ratings.csv', 'Letterboxd'],
    ['one-person/goodreads_library_export.csv', 'Goodreads'],
    ['json-array/Streaming_History_Audio_2020-2021_0.json', 'Spotify'],
  ] as const) {
    const message = await refusal('train', file, '--model', 'pop', '--out', 'o.st')
    for (const part of [name, '--history @FILE', '--one-user']) expect(message).toContain(part)
  }
  const columns = ['--columns', 'item=master_metadata_track_name,time=ts', '--one-user', 'me']
  const plays = await info('json-array/Streaming_History_Audio_2020-2021_0.json', ...columns)
  expect(plays).toMatchObject({ users: 1, source: { format: 'json', times: 'dates' } })
  expect(await refusal('data', 'info', 'json-array/pandas_to_json.json')).toContain('orient="records"')
})

test('truth values are 1 and 0, and counts are no ratings', async () => {
  expect((await info('feedback/bool.csv')).ratings?.range).toEqual([0, 1])
  const message = await refusal('train', 'feedback/plays.csv', '--model', 'biased-mf', '--out', 'o.st')
  for (const part of ['look like counts', 'ease or cml', '--rating-range']) expect(message).toContain(part)
})

test('ids with decimals are the whole numbers that they mean', async () => {
  const read = await info('ids/floats.csv')
  expect(codes(read)).toEqual(['data/integral-ids', 'data/integral-ids'])
  expect(read.sample[0]).toMatchObject({ user: '20', item: '2' })
  const words = ['ids/floats.csv', '--test', 'ids/floats_test.csv', '--model', 'bias', '--epochs', '1', '--out', 'o.st']
  const { stderr } = await run(folder, 'train', ...words)
  expect(stderr).not.toContain('no user of the test part')
})

test('tests that measure nothing, or training rows, say so', async () => {
  const train = (test: string) =>
    run(folder, 'train', 'evaluation/train.csv', '--test', test, '--model', 'ease', '--out', 'o.st', '--json')
  const cold = await train('evaluation/test_all_cold.csv')
  expect([cold.code, JSON.parse(cold.stdout).metrics]).toEqual([1, {}])
  expect(cold.stderr).toContain('no user of the test part is in training')
  expect((await train('evaluation/test_overlap.csv')).stderr).toContain('all 50 test rows are training rows too')
})

test('a few rows train models without validation', async () => {
  for (const kind of ['ease', 'item-knn', 'pop', 'bias']) {
    const words = ['--model', kind, '--out', 'o.st', ...(kind === 'bias' ? ['--epochs', '1'] : [])]
    const file = kind === 'bias' ? 'tiny/n10.csv' : 'tiny/three.csv'
    expect(await run(folder, 'train', file, ...words)).toMatchObject({ code: 0 })
  }
  const { stderr } = await run(folder, 'train', 'tiny/n10.csv', '--model', 'cml', '--out', 'o.st')
  expect(stderr).toContain('--epochs N')
  expect((await run(folder, 'compare', 'tiny/n10.csv')).stderr).toContain('nothing could be measured')
})

test('columns and ids of items that do not match are told', async () => {
  const { stderr } = await info('evaluation/train.csv', '--items', 'items/no_match.csv')
  expect(stderr).toContain('titles for 0 of 25 items')
  expect(codes(await info('evaluation/train.csv', '--items', 'items/odd_title.csv'))).toEqual([])
  const columns = ['--items-columns', 'item=1,title=2']
  expect(codes(await info('evaluation/train.csv', '--items', 'items/odd_title.csv', ...columns))).toEqual([])
})
