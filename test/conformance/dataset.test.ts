import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { Dataset, type ReadOptions, type SplitOptions, type SplitText, TastespaceError } from 'tastespace'
import { expect, test } from 'vitest'

const CSV = 'user,item,rating,timestamp\nann,x,4,10\nbob,x,2,20\nann,y,5,30\nann,x,3,40\n'

async function text(data: Dataset): Promise<string> {
  let whole = ''
  for await (const piece of data.toCSV()) whole += new TextDecoder().decode(piece)
  return whole
}

/** CSV without duplicates: of ann's two ratings of x, the later is kept. */
const KEPT = 'user,item,rating,timestamp\nbob,x,2,20\nann,y,5,30\nann,x,3,40\n'

const rows = [
  { user: 'ann', item: 'x', rating: 4, time: 10 },
  { user: 'bob', item: 'x', rating: 2, time: new Date(20_000) },
  { user: 'ann', item: 'y', rating: 5, time: 30 },
  { user: 'ann', item: 'x', rating: 3, time: 40 },
]

async function* slowly<T>(values: Iterable<T>): AsyncGenerator<T> {
  for (const value of values) {
    await Promise.resolve()
    yield value
  }
}

test.each([
  ['bytes', () => Dataset.fromBytes(new TextEncoder().encode(CSV))],
  ['text', () => Dataset.fromBytes(CSV)],
  ['a Blob', () => Dataset.fromFile(new Blob([CSV]))],
  ['a ReadableStream', () => Dataset.fromStream(new Blob([CSV]).stream())],
  ['an async iterable of bytes', () => Dataset.fromStream(slowly([...CSV].map((c) => new TextEncoder().encode(c))))],
  ['rows', () => Dataset.fromRows(rows)],
  ['an async iterable of rows', () => Dataset.fromRows(slowly(rows))],
  [
    'columns',
    () =>
      Dataset.fromColumns({
        user: ['ann', 'bob', 'ann', 'ann'],
        item: ['x', 'x', 'y', 'x'],
        rating: Float32Array.of(4, 2, 5, 3),
        time: [10, 20, 30, 40],
      }),
  ],
])('reads the same data set from %s', async (_, make) => {
  const data = await make()
  expect(await text(data)).toBe(KEPT)
  expect(await data.userIds()).toEqual(['ann', 'bob'])
  expect(await data.itemIds()).toEqual(['x', 'y'])
  expect(await data.info()).toMatchObject({ rows: 3, users: 2, items: 2, duplicates: 1 })
})

test.each<[string, Uint8Array | string]>([
  ['JSON lines', '{"user":"ann","movieId":7,"stars":4}\n{"movieId":"b","stars":5,"user":"ann"}\n'],
  ['typed names', 'user_id:token\titem_id:token\trating:float\nann\t7\t4\nann\tb\t5\n'],
  ['gzip', gzipSync('user,item,rating\nann,7,4\nann,b,5\n')],
])('detects %s by content and reads the same rows', async (_, bytes) => {
  expect(await text(await Dataset.fromBytes(bytes))).toBe('user,item,rating\nann,7,4\nann,b,5\n')
})

test('item lists begin with their count if all counts match, otherwise with the user', async () => {
  const counted = await Dataset.fromBytes('2 7 5\n1 7\n')
  expect(await text(counted)).toBe('user,item\n0,7\n0,5\n1,7\n')
  const named = await Dataset.fromBytes('3 7 5\n1 7\n')
  expect(await text(named)).toBe('user,item\n3,7\n3,5\n1,7\n')
  const forced = await Dataset.fromBytes('1 7\n1 8\n', { format: 'lists' })
  expect(await forced.userIds()).toEqual(['0', '1'])
})

test('features are read from a side file and kept in the parts of a split', async () => {
  const bytes = new TextEncoder()
  const features = {
    source: bytes.encode('2 0 1\n1 1\n'),
    layout: 'feature-rows',
    names: bytes.encode('war\nlove\n'),
  } as const
  const data = await Dataset.fromBytes('a,0,3\na,1,4\nb,0,5\nb,2,2\n', { features })
  const expected = { features: 2, items: 2, pairs: 3 }
  expect(await data.info()).toMatchObject({ features: expected })
  const { train, test } = await data.split('random:0.5')
  expect([await train.info(), await test?.info()]).toMatchObject([{ features: expected }, { features: expected }])
  // Also features of an item without interactions.
  const plain = await Dataset.fromRows([{ user: 1, item: 1 }], { features: bytes.encode('1 8\n1 9\n') })
  expect(await plain.info()).toMatchObject({ features: { features: 2, items: 2, pairs: 2 } })
})

test.each<[string, ReadOptions, string]>([
  ['no features', { features: new Uint8Array() }, 'data/empty'],
  ['no titles', { items: new Uint8Array() }, 'data/empty'],
  ['features of other items', { features: new TextEncoder().encode('p war\nq love peace\n') }, 'data/no-match'],
])('a side file with %s is rejected', async (_, options, code) => {
  await expect(Dataset.fromBytes(CSV, options)).rejects.toMatchObject({ code })
})

test('filters keep the matching rows with only their users and items', async () => {
  const data = await Dataset.fromBytes(CSV)
  const late = await data.filter({ from: new Date(30_000), until: '1970-01-01T00:00:41' })
  expect(await text(late)).toBe('user,item,rating,timestamp\nann,y,5,30\nann,x,3,40\n')
  expect(await late.userIds()).toEqual(['ann'])
  expect(await text(await data.filter({ positiveThreshold: 3 }))).toBe('user,item,timestamp\nann,y,30\nann,x,40\n')
  await expect(data.filter({ core: 2 })).rejects.toMatchObject({ code: 'data/nothing-left' })
  await expect(data.filter({ from: 'soon' })).rejects.toMatchObject({ code: 'config/wrong-type' })
})

test('integer ids are sorted, other ids keep their order, and both are returned as text', async () => {
  const data = await Dataset.fromRows([
    { user: 10, item: 'ü' },
    { user: 9, item: 'a' },
  ])
  expect(await data.userIds()).toEqual(['9', '10'])
  expect(await data.itemIds()).toEqual(['ü', 'a'])
})

test.each([
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
])('ids in an array of type %o are the same ids as their texts', async (Type) => {
  // The second batch of large ids needs more bits than the first.
  const user = Uint32Array.from({ length: 66_000 }, (_, row) => (row < 65_900 ? row % 50 : 4_000_000_000 + row))
  const item = new Type(Array.from(user, (_, row) => row % 70))
  const typed = await Dataset.fromColumns({ user, item })
  const texts = await Dataset.fromColumns({ user: Array.from(user, String), item: Array.from(item, String) })
  expect(await text(typed)).toBe(await text(texts))
})

test('reads more rows than fit into one message', async () => {
  const many = Array.from({ length: 150_000 }, (_, row) => ({ user: row, item: row % 7, rating: row % 5 }))
  const data = await Dataset.fromRows(many)
  expect(await data.info()).toMatchObject({ rows: 150_000, users: 150_000, items: 7 })
  const again = await Dataset.fromBytes(await text(data))
  const { source, ...info } = await data.info()
  expect(source?.format).toBe('rows')
  expect(await again.info()).toMatchObject(info)
})

test.each<[string, () => Promise<unknown>, string, string]>([
  [
    'a row without the others’ rating',
    () =>
      Dataset.fromRows([
        { user: 1, item: 1, rating: 3 },
        { user: 1, item: 2 },
      ]),
    'data/mixed-rows',
    'row 2 has no rating',
  ],
  ['NaN', () => Dataset.fromRows([{ user: 1, item: 1, rating: Number.NaN }]), 'data/bad-number', 'row 1'],
  ['an empty id', () => Dataset.fromRows([{ user: '', item: 1 }]), 'data/bad-row', 'row 1'],
  [
    'columns of two lengths',
    () => Dataset.fromColumns({ user: [1, 2], item: [1] }),
    'data/bad-row',
    'user has 2 rows, item has 1',
  ],
  [
    'a rating outside the range',
    () => Dataset.fromBytes(CSV, { ratingRange: [1, 4] }),
    'data/rating-out-of-range',
    'line 4',
  ],
  ['an empty file', () => Dataset.fromBytes(''), 'data/empty', 'empty'],
  ['a missing file', () => Dataset.fromFile('/no/such/file.csv'), 'file/not-found', '/no/such/file.csv cannot be read'],
])('%s is rejected with its location', async (_, attempt, code, part) => {
  const error = await attempt().catch((error: unknown) => error)
  expect(error).toBeInstanceOf(TastespaceError)
  expect(error).toMatchObject({ code, message: expect.stringContaining(part) })
})

test.each([
  ['fromRows', () => Dataset.fromRows([JSON.parse('{"user":1,"item":2,"timestamp":3}')]), 'timestamp'],
  ['fromRows', () => Dataset.fromRows([JSON.parse('{"userId":1,"item":2}')]), 'userId'],
  ['fromColumns', () => Dataset.fromColumns(JSON.parse('{"user":[1],"item":[2],"timestamp":[3]}')), 'timestamp'],
])('%s rejects columns with other names', async (where, attempt, key) => {
  await expect(attempt()).rejects.toMatchObject({
    code: 'config/unknown-key',
    message: expect.stringMatching(new RegExp(`^${where}: .*'${key}'; accepted: user, item, rating, time$`)),
    details: { key, accepted: ['user', 'item', 'rating', 'time'] },
  })
})

test('syntheticCSV streams the rows of a generated data set', async () => {
  const options = { users: 5000, items: 300, ratings: 60_000, sequence: 0.3, relations: 2, cold: 10, seed: 4 }
  let streamed = ''
  for await (const piece of Dataset.syntheticCSV(options)) streamed += new TextDecoder().decode(piece)
  const data = await Dataset.synthetic({ ...options, tags: 50 })
  expect(streamed).toBe(await text(data))
  expect(await data.info()).toMatchObject({ items: 290, features: { features: 50, items: 300 } })
  expect(await data.itemIds()).toHaveLength(300)
  const refused = Dataset.syntheticCSV({ sequence: 2 }).next()
  await expect(refused).rejects.toMatchObject({ code: 'config/out-of-range', details: { key: 'sequence' } })
})

test('the parts of a split share the catalogue and cover all rows', async () => {
  const data = await Dataset.synthetic({ users: 50, items: 30, ratings: 600 })
  const { train, validation, test, trainAndValidation } = await data.split({
    by: 'random',
    test: 0.2,
    validation: 0.25,
  })
  const rowsOf = async (part: Dataset | undefined) => (await part?.info())?.rows
  expect(await Promise.all([train, validation, test, trainAndValidation].map(rowsOf))).toEqual([360, 120, 120, 480])
  expect(await test?.itemIds()).toEqual(await data.itemIds())
  await expect(data.split({ by: 'random', test: 1.5 })).rejects.toMatchObject({ code: 'config/out-of-range' })
})

test('a split with a test file has the union of both catalogues', async () => {
  const train = await Dataset.fromBytes('1,1,5\n2,3,4\n')
  const held = await Dataset.fromBytes('1,2,3\n4,1,2\n')
  const parts = await train.split({ by: 'file', test: held })
  expect(await parts.train.userIds()).toEqual(['1', '2', '4'])
  expect(await parts.test?.itemIds()).toEqual(['1', '2', '3'])
  expect(parts.validation).toBeUndefined()
})

/** User and item of each row. */
async function pairs(data: Dataset | undefined): Promise<string[]> {
  if (!data) return []
  const [, ...lines] = (await text(data)).trimEnd().split('\n')
  return lines.map((line) => line.split(',').slice(0, 2).join('-'))
}

test.each<[string, SplitOptions | SplitText]>([
  ['random', { by: 'random', test: 0.2, validation: 0.2 }],
  ['random, as text', 'random:0.2;validation=0.2'],
  ['per user', { by: 'per-user', fractions: [0.6, 0.2, 0.2] }],
  ['leave one out', { by: 'leave-one-out', validation: true }],
  ['time', { by: 'time:0.3', validation: true }],
  ['user', { by: 'user', test: 0.2, given: 0.5, validation: 0.2 }],
  ['folds', { by: 'kfold', folds: 4, fold: 3, validation: true }],
])('the parts of a split by %s hold every row once and share the catalogue', async (_, options) => {
  const data = await Dataset.synthetic({ users: 50, items: 30, ratings: 600 })
  const { train, validation, test, trainAndValidation, validationGiven, testGiven } = await data.split(options)
  const apart = await Promise.all([train, validation, validationGiven, test, testGiven].map(pairs))
  expect(apart.flat().sort()).toEqual((await pairs(data)).sort())
  expect(await pairs(validation)).not.toHaveLength(0)
  expect(await pairs(test)).not.toHaveLength(0)
  expect(await test?.itemIds()).toEqual(await data.itemIds())
  const notTest = apart.slice(0, 3).flat().sort()
  expect((await pairs(trainAndValidation)).sort()).toEqual(notTest)
})

test('a split by user gives a fraction of the rows of each held-out user', async () => {
  const data = await Dataset.synthetic({ users: 50, items: 30, ratings: 600 })
  const { test, testGiven, validationGiven } = await data.split('user:0.2;given=0.5')
  const [asked, given] = [await test?.info(), await testGiven?.info()]
  expect(asked?.users).toBe(10)
  expect(given?.rows).toBeGreaterThan((asked?.rows ?? 0) - 11)
  expect(validationGiven).toBeUndefined()
})

test.each<[SplitOptions | SplitText, string]>([
  ['leave-one-out', 'dataset/needs-timestamps'],
  ['time:0.5', 'dataset/needs-timestamps'],
  ['random:0.5;tset=1', 'config/unknown-key'],
  [{ by: 'per-user', fractions: [0.5, 0.6] }, 'config/wrong-type'],
  ['kfold:9', 'split/too-few-rows'],
])('the split %j is rejected: %s', async (options, code) => {
  const data = await Dataset.fromBytes('a,x\na,y\nb,x\n')
  await expect(data.split(options)).rejects.toMatchObject({ code })
  expect(await pairs((await data.split('leave-one-out;order=rows')).test)).toEqual(['a-y'])
})

test('rows are written as CSV or JSON Lines by file extension, with or without gzip', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tastespace-'))
  try {
    const data = await Dataset.fromBytes(CSV)
    let lines = ''
    for await (const piece of data.toJSONLines()) lines += new TextDecoder().decode(piece)
    expect(lines.split('\n')[0]).toBe('{"user":"bob","item":"x","rating":2,"timestamp":20}')
    for (const name of ['a.csv', 'a.CSV.gz', 'a.jsonl', 'a.ndjson.gz']) {
      await data.save(join(folder, name))
      const bytes = readFileSync(join(folder, name))
      expect((name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()).toBe(/json/.test(name) ? lines : KEPT)
      expect(await text(await Dataset.fromFile(join(folder, name)))).toBe(KEPT)
    }
    await data.save(join(folder, 'b'), { format: 'json-lines', gzip: true })
    expect(gunzipSync(readFileSync(join(folder, 'b'))).toString()).toBe(lines)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('item titles and genres are read and written back as CSV', async () => {
  const data = await Dataset.fromBytes(CSV)
  expect(await data.itemTitles()).toEqual([])
  const items = 'item,title,genres\nx,"First, the",War|Comedy\ny,,\n'
  const titled = await Dataset.fromBytes(CSV, { items: new TextEncoder().encode(items) })
  expect(await titled.itemTitles()).toEqual(['First, the', ''])
  expect(new TextDecoder().decode(await titled.itemsAsCSV())).toBe(items)
})

test('error messages use the given name of a source', async () => {
  await expect(Dataset.fromBytes('user,item,rating\n1,2,x\n', { name: 'the page' })).rejects.toThrow(/^the page/)
})
