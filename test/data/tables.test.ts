import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { tableFromArrays, tableFromIPC } from 'apache-arrow'
import { Dataset, type ParquetOptions, type TableOptions } from 'tastespace'
import { expect, test } from 'vitest'

// The files that test/fixtures/make/typed_tables.py writes, with the values that it has.
const file = (name: string) => fileURLToPath(new URL(`../fixtures/tables/${name}`, import.meta.url))

const numbers = [7, 7, 3, -2, 0, 3, 100, 41, 7, 9]
const texts = [
  'ann',
  'ann',
  'bøb',
  'a reader with a long name',
  'x',
  'bøb',
  '0123456789ab',
  '0123456789abc',
  'ann',
  '7',
]
const rows = numbers.map((_, row) => row)
const users = {
  int8: numbers.map(String),
  int16: numbers.map(String),
  int32: numbers.map(String),
  int64: numbers.map((number) => String(9_007_199_254_740_993n + BigInt(number))),
  uint8: numbers.map((number) => String(Math.abs(number))),
  uint32: numbers.map((number) => String(4_000_000_000 + number)),
  uint64: numbers.map((number) => String(18_000_000_000_000_000_000n + BigInt(number))),
  float64: numbers.map((number) => String(number === 41 ? 41.5 : number)),
  text: texts,
  large_text: texts,
  dictionary: texts,
}
const item = [1, 2, 1, 3, 4, 5, 6, 7, 8, 9]
const halves = rows.map((row) => ((row % 9) + 1) / 2)
const ratings = {
  halves32: halves,
  halves64: halves,
  decimal: halves,
  flag: rows.map((row) => (row % 3 === 0 ? 1 : 0)),
  int8: numbers,
}
const moment = Date.UTC(2015, 2, 4, 10, 11, 12) / 1000
const times = {
  seconds: rows.map((row) => moment + row),
  at_s: rows.map((row) => moment + row),
  at_ms: rows.map((row) => moment + row + 0.25),
  at_us: rows.map((row) => moment + row + 0.25),
  at_us_utc: rows.map((row) => moment + row + 0.25),
  at_ns: rows.map((row) => moment + row + 0.25),
  day: rows.map((row) => Date.UTC(2015, 2, 4 + row) / 1000),
}

const parquet = (name: string, library: NonNullable<ParquetOptions['library']>) => ({
  name: `${name} by ${library}`,
  read: (options: TableOptions) => Dataset.fromParquet(file(name), { ...options, library }),
})
const arrow = (name: string) => ({ name, read: (options: TableOptions) => Dataset.fromArrow(file(name), options) })

const readers = [
  parquet('typed.parquet', 'duckdb'),
  parquet('typed.parquet', 'hyparquet'),
  parquet('typed-zstd.parquet', 'duckdb'),
  parquet('typed-zstd.parquet', 'hyparquet'),
  arrow('typed.arrow'),
  arrow('typed-lz4.arrow'),
  arrow('typed-zstd.arrow'),
  arrow('typed.arrows'),
  {
    name: 'a table in memory',
    read: (options: TableOptions) => Dataset.fromArrow(tableFromIPC(readFileSync(file('typed.arrow'))), options),
  },
]

async function text(data: Dataset): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const part of data.toCSV()) parts.push(part)
  return Buffer.concat(parts).toString()
}

for (const { name, read } of readers) {
  test(`${name}: ids of every type are the same ids as their texts`, async () => {
    for (const [user, expected] of Object.entries(users)) {
      const columns = { user, item: 'item', rating: 'halves32', time: 'seconds' }
      const same = await Dataset.fromColumns({ user: expected, item, rating: halves, time: times.seconds })
      expect(await text(await read({ columns })), user).toBe(await text(same))
    }
  })

  test(`${name}: ratings and times of every type are read`, async () => {
    for (const [rating, expected] of Object.entries(ratings)) {
      const columns = { user: 'int32', item: 'item', rating, time: 'none' }
      const same = await Dataset.fromColumns({ user: numbers, item, rating: expected })
      expect(await text(await read({ columns })), rating).toBe(await text(same))
    }
    for (const [time, expected] of Object.entries(times)) {
      const columns = { user: 'int32', item: 'item', rating: 'none', time }
      const same = await Dataset.fromColumns({ user: numbers, item, time: expected })
      expect(await text(await read({ columns })), time).toBe(await text(same))
    }
  })

  test(`${name}: a null is refused by its row and column`, async () => {
    const columns = { user: 'int32', item: 'item', rating: 'halves32', time: 'seconds' }
    for (const [role, column] of [
      ['user', 'some_int'],
      ['user', 'some_text'],
      ['item', 'some_text'],
      ['rating', 'some_half'],
      ['time', 'some_at'],
    ] as const) {
      const reading = read({ columns: { ...columns, [role]: column } })
      await expect(reading, column).rejects.toMatchObject({
        code: 'data/bad-row',
        details: { row: 7, column, wanted: role },
      })
    }
  })

  test(`${name}: columns are checked by name and by type`, async () => {
    await expect(read({ columns: { user: 'who', item: 'item' } })).rejects.toMatchObject({
      code: 'data/missing-column',
      details: { wanted: 'user', found: expect.arrayContaining(['int8', 'at_ns']) },
    })
    for (const [role, column] of [
      ['user', 'list'],
      ['item', 'day'],
      ['rating', 'text'],
      ['time', 'flag'],
    ] as const) {
      const columns = { user: 'int32', item: 'item', rating: 'halves32', [role]: column }
      await expect(read({ columns }), column).rejects.toMatchObject({
        code: 'data/bad-column',
        details: { column, wanted: role },
      })
    }
  })

  test(`${name}: a rating outside the range is refused by its row`, async () => {
    const columns = { user: 'int32', item: 'item', rating: 'halves32', time: 'none' }
    const reading = read({ columns, ratingRange: [0.5, 4] })
    await expect(reading).rejects.toMatchObject({ code: 'data/rating-out-of-range', details: { row: 9 } })
  })
}

test('files of tables are recognised by their content, and blobs and bytes too', async () => {
  const columns = { user: 'text', item: 'item', rating: 'halves32', time: 'at_us' }
  const expected = await text(await Dataset.fromParquet(file('typed.parquet'), { columns }))
  for (const name of ['typed.parquet', 'typed-zstd.parquet', 'typed.arrow', 'typed-lz4.arrow', 'typed.arrows']) {
    const bytes = readFileSync(file(name))
    expect(await text(await Dataset.fromFile(file(name), { columns })), name).toBe(expected)
    expect(await text(await Dataset.fromFile(new Blob([bytes]), { columns })), name).toBe(expected)
    expect(await text(await Dataset.fromBytes(bytes, { columns })), name).toBe(expected)
  }
})

test('usual names of columns are recognised, and progress is reported', async () => {
  const table = tableFromArrays({ userId: ['a', 'b'], parent_asin: ['x', 'y'], stars: Float32Array.of(1, 2) })
  const read: number[] = []
  const data = await Dataset.fromArrow(table, { onProgress: (bytes) => read.push(bytes) })
  expect(await data.info()).toMatchObject({ rows: 2, users: 2, ratings: { mean: 1.5 } })
  expect(read).toHaveLength(1)
})

test('a table can have side files', async () => {
  const table = tableFromArrays({ user: ['a', 'b'], item: Int32Array.of(1, 2) })
  const items = new TextEncoder().encode('item,title\n1,One\n2,Two\n')
  expect(await (await Dataset.fromArrow(table, { items })).itemTitles()).toEqual(['One', 'Two'])
})

test('a file that is damaged in its middle is refused, not read in part', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tastespace-damaged-'))
  try {
    const { rows } = await (await Dataset.fromParquet(file('typed.parquet'), { columns: { user: 'text' } })).info()
    expect(rows).toBe(10)
    const bytes = readFileSync(file('typed.parquet'))
    const path = join(folder, 'damaged.parquet')
    // The data of the last row group lies before the footer.
    const footer = bytes.readUInt32LE(bytes.length - 8)
    writeFileSync(path, bytes.fill(0xee, bytes.length - footer - 8 - 2000, bytes.length - footer - 8))
    for (const library of ['duckdb', 'hyparquet'] as const) {
      const columns = { user: 'some_text', item: 'some_half', rating: 'none', time: 'some_at' }
      const reading = Dataset.fromParquet(path, { library, columns })
      await expect(reading, library).rejects.toMatchObject({ code: expect.stringMatching(/^data/) })
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('damaged files and other arguments are refused', async () => {
  const damaged = (name: string) => {
    const bytes = Uint8Array.from(readFileSync(file(name)))
    return bytes.fill(0xee, bytes.length >> 1)
  }
  const columns = { user: 'text', item: 'item' }
  await expect(Dataset.fromBytes(damaged('typed.parquet'), { columns })).rejects.toMatchObject({
    code: 'data/bad-parquet',
  })
  await expect(Dataset.fromBytes(damaged('typed.arrow'), { columns })).rejects.toMatchObject({ code: 'data/bad-arrow' })
  for (const library of ['duckdb', 'hyparquet'] as const) {
    const reading = Dataset.fromParquet(file('../make/typed_tables.py'), { library })
    await expect(reading).rejects.toMatchObject({ code: 'data/bad-parquet' })
    await expect(Dataset.fromParquet(file('none.parquet'), { library })).rejects.toMatchObject({
      code: 'file/not-found',
    })
  }
  // @ts-expect-error No such library.
  await expect(Dataset.fromParquet(file('typed.parquet'), { library: 'pandas' })).rejects.toMatchObject({
    code: 'config/bad-argument',
  })
  await expect(Dataset.fromParquet(new Blob([]), { library: 'duckdb' })).rejects.toMatchObject({
    code: 'config/bad-argument',
  })
  // @ts-expect-error An option of text files.
  await expect(Dataset.fromArrow(file('typed.arrow'), { format: 'csv' })).rejects.toMatchObject({
    code: 'config/unknown-key',
  })
  // @ts-expect-error No table.
  await expect(Dataset.fromArrow({ schema: 1 })).rejects.toMatchObject({ code: 'config/bad-argument' })
  // @ts-expect-error No source.
  await expect(Dataset.fromParquet(7)).rejects.toMatchObject({ code: 'config/bad-argument' })
  await expect(Dataset.fromFile(file('typed.parquet'), { format: 'csv' })).rejects.toMatchObject({
    code: 'data/not-read',
  })
})
