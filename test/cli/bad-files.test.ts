import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { put, run, strangers, temporaryFolder } from './support.ts'

const folder = temporaryFolder()

const text = (value: string) => new TextEncoder().encode(value)

/** Invalid rating files, each with its error code and the texts that the message must contain. */
const DATA: Record<string, [content: Uint8Array, code: string, ...told: string[]]> = {
  'empty.csv': [text(''), 'data/empty', 'is empty', 'user, item'],
  'header.csv': [text('user,item,rating\n'), 'data/no-rows', 'a header and no row'],
  'column.csv': [
    text('user,thing\n1,2\n'),
    'data/missing-column',
    'line 1',
    'item',
    'user, thing',
    '--columns item=NAME',
  ],
  'short.csv': [text('user,item,rating\n1,2,3\n4,5\n'), 'data/bad-row', 'line 3', '"4,5"', '2 fields', 'expected 3'],
  'text.csv': [
    text('user,item,rating\n1,2,3\n4,5,good\n'),
    'data/bad-number',
    'line 3',
    '"rating"',
    '"good"',
    'finite',
  ],
  'nan.csv': [text('user,item,rating\n1,2,NaN\n'), 'data/bad-number', 'line 2', '"rating"', '"NaN"', 'finite'],
  'huge.csv': [text('user,item,rating\n1,2,1e400\n'), 'data/bad-number', 'line 2', '"rating"', '"1e400"', 'finite'],
  'range.csv': [
    text('user,item,rating\n1,2,9\n'),
    'data/rating-out-of-range',
    'line 2',
    '"rating"',
    'rating 9',
    '1 to 5',
  ],
  'long.csv': [text(`user,item,rating\n${'x'.repeat(1e7)},2,3\n`), 'data/line-too-long', 'line 2', '1048576 bytes'],
  'latin.csv': [
    Uint8Array.from([...text('user,item,rating\n1,é,3\n1,caf'), 0xe9, ...text(',3\n')]),
    'data/bad-encoding',
    'line 3',
    '0xe9',
    '--encoding',
  ],
  'binary.csv': [
    Uint8Array.from({ length: 5000 }, (_, place) => (place * 151) % 256),
    'data/bad-encoding',
    'neither UTF-8 nor Windows-1252',
    '--encoding',
  ],
}

beforeAll(async () => {
  for (const [name, [content]] of Object.entries(DATA)) put(folder, name, content)
  put(folder, 'good.csv', 'user,item,rating\na,x,1\na,y,4\nb,y,5\n')
  const words = ['train', 'good.csv', '--model', 'biased-mf', '--epochs', '2', '--set', 'factors=2', '--out', 'm.st']
  expect((await run(folder, ...words)).code).toBe(0)
  const model = readFileSync(join(folder, 'm.st'))
  put(folder, 'short.st', model.subarray(0, model.length - 10))
  put(folder, 'cut.st', model.subarray(0, 40))
  put(folder, 'altered.st', altered(model))
  put(folder, 'newer.st', newer(model))
  put(folder, 'foreign.st', foreign())
})

/** Flips one bit in the last byte, which belongs to a tensor. */
function altered(model: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(model)
  copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1
  return copy
}

/** The same file with a later format version. The metadata in the header is text with escaped quotes. */
function newer(model: Buffer): Uint8Array {
  const bytes = Buffer.from(model)
  const field = '\\"format\\":1'
  const at = bytes.indexOf(field)
  expect(at).toBeGreaterThan(0)
  bytes.write('9', at + field.length - 1)
  return bytes
}

/** A safetensors file from another program. */
function foreign(): Uint8Array {
  const header = text('{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}')
  const file = new Uint8Array(8 + header.length + 4)
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true)
  file.set(header, 8)
  return file
}

interface Failure {
  readonly code: string
  readonly message: string
}

/** Runs a command that must fail, with and without --json: one line, no stack trace, nothing on stdout. */
async function failure(...words: string[]): Promise<Failure> {
  const both = await Promise.all([run(folder, ...words, '--quiet'), run(folder, ...words, '--quiet', '--json')])
  const [people, programs] = both
  for (const ended of both) expect(ended).toMatchObject({ code: 1, stdout: '' })
  const { error }: { error: Failure } = JSON.parse(programs.stderr)
  expect(people.stderr).toBe(`tastespace: ${error.message}\n`)
  expect(people.stderr).not.toMatch(/\n/.test(error.message) ? / {4}at / : /\n./)
  return error
}

test.concurrent.each(Object.entries(DATA))('rejects the data file %s', async (file, [, code, ...told]) => {
  const words = ['train', file, '--model', 'bias', '--out', 'o.st', '--rating-range', '1,5']
  const error = await failure(...words)
  expect(error.code).toBe(code)
  for (const part of [file, ...told]) expect(error.message).toContain(part)
})

test('reports a missing file, and a folder given as a file', async () => {
  expect(await failure('data', 'info', 'none.csv')).toEqual({
    code: 'file/not-found',
    message: 'none.csv cannot be read: there is no such file or folder',
    details: { file: 'none.csv', errno: 'ENOENT' },
  })
  expect((await failure('data', 'info', '.')).code).toBe('file/is-folder')
})

test('checks that the model can be written before reading the data', async () => {
  const words = ['train', 'empty.csv', '--model', 'bias', '--out']
  expect(await failure(...words, 'none/m.st')).toMatchObject({
    code: 'file/not-found',
    message: 'none/m.st cannot be written: there is no folder none',
  })
  expect(await failure(...words, '.')).toMatchObject({ code: 'file/is-folder' })
})

test.concurrent.each([
  ['short.st', 'file/corrupt', 'not a valid tastespace model'],
  ['cut.st', 'file/corrupt', 'not a valid tastespace model'],
  ['altered.st', 'file/corrupt', 'checksum'],
  ['foreign.st', 'file/corrupt', 'something else'],
  ['good.csv', 'file/corrupt', 'not a valid tastespace model'],
  ['empty.csv', 'file/corrupt', 'not a valid tastespace model'],
  ['newer.st', 'file/newer-version', 'format 9'],
  ['none.st', 'file/not-found', 'no such file'],
])('rejects the model file %s', async (file, code, told) => {
  const error = await failure('recommend', file, '--user', 'a')
  expect(error.code).toBe(code)
  expect(error.message).toContain(file)
  expect(error.message).toContain(told)
})

test('reports an unknown user and an unknown item', async () => {
  const user = await failure('recommend', 'm.st', '--user', 'a', '--user', 'zoe')
  expect(user).toMatchObject({ code: 'model/unknown-user', message: expect.stringMatching(/'zoe'.*2 users.*'a'/) })
  const item = await failure('similar', 'm.st', '--item', 'z')
  expect(item).toMatchObject({ code: 'model/unknown-item', message: expect.stringMatching(/'z'.*2 items.*'x'/) })
})

test('leaves no partly written files', () => {
  const models = ['m.st', 'short.st', 'cut.st', 'altered.st', 'newer.st', 'foreign.st']
  expect(strangers(folder, ...Object.keys(DATA), 'good.csv', ...models)).toEqual([])
})
