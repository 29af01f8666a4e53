import type { FileMetaData, ParquetParsers, SchemaElement } from 'hyparquet'
import type { Ids } from '../../engine/calls.ts'
import { messageOf, TastespaceError } from '../../errors.ts'
import { isBytes, isTyped } from '../../realm.ts'
import { Nulls } from '../columns.ts'
import { missingPackage } from './missing-package.ts'
import type { Seekable } from './random-access.ts'
import type { Piece, Roles, Table } from './types.ts'
import { columnsIn, fillNumbers, idsOfNumbers, type Kind, rowsOf, type TableColumn, TextColumn } from './values.ts'

/** Rows in one message to the engine. */
const BATCH = 131_072

type Values = ArrayLike<unknown>

/** Texts stay bytes and times become seconds, so that the values can go to the engine as they are. */
const PARSERS: Partial<ParquetParsers> = {
  stringFromBytes: (bytes) => bytes,
  timestampFromMilliseconds: (millis) => secondsOf(millis, 1e3),
  timestampFromMicroseconds: (micros) => secondsOf(micros, 1e6),
  // A number of nanoseconds would be rounded.
  timestampFromNanoseconds: (nanos) => secondsOf(nanos && nanos / 1000n, 1e6),
  // A null has no days, despite the type.
  dateFromDays: (days: number | null | undefined) => (days === null || days === undefined ? undefined : days * 86_400),
}

function secondsOf(value: bigint | null | undefined, perSecond: number): number | undefined {
  return value === null || value === undefined ? undefined : Number(value) / perSecond
}

async function libraries() {
  try {
    // Bundlers accept that a package is missing where each import is awaited on its own.
    const parquet = await import('hyparquet')
    const { compressors } = await import('hyparquet-compressors')
    return { ...parquet, compressors }
  } catch (error) {
    throw missingPackage(error, ['hyparquet', 'hyparquet-compressors'], 'reading Parquet')
  }
}

/** Opens a Parquet file with hyparquet. Only one row group is in memory at a time. */
export async function openParquet(file: Seekable): Promise<Table> {
  const { parquetMetadataAsync, parquetScan, compressors } = await libraries()
  const source = {
    byteLength: file.size,
    async slice(start: number, end = file.size): Promise<ArrayBuffer> {
      const bytes = await file.read(start, end)
      const whole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength
      return whole && bytes.buffer instanceof ArrayBuffer ? bytes.buffer : new Uint8Array(bytes).buffer
    },
  }
  const metadata = await parsed(file.name, () => parquetMetadataAsync(source, { parsers: PARSERS, geoparquet: false }))
  const schema = new Map(topColumns(metadata).map((element) => [element.name, element]))

  async function* read(roles: Roles): AsyncGenerator<Piece> {
    const columns = columnsIn(file.name, roles, (column) => typeOf(schema.get(column)))
    const names = [...new Set(columns.map(({ column }) => column))]
    const scan = await parsed(file.name, () =>
      parquetScan({
        file: source,
        metadata,
        columns: names,
        compressors,
        utf8: false,
        geoparquet: false,
        parsers: PARSERS,
        useOffsetIndex: false,
      }),
    )
    const rows = Number(metadata.num_rows)
    for (const range of scan.ranges) {
      const read = await parsed(file.name, () =>
        Promise.all(names.map(async (column) => [column, await scan.readColumn({ column, ...range })] as const)),
      )
      const values = new Map<string, Values>(read)
      const count = range.rowEnd - range.rowStart
      for (let from = 0; from < count; from += BATCH) {
        const to = Math.min(from + BATCH, count)
        yield {
          rows: batchOf(columns, values, from, to),
          read: (file.size * (range.rowStart + to)) / rows,
        }
      }
    }
  }
  return { name: file.name, columns: [...schema.keys()], read, close: () => file.close() }
}

/** The result of a call of hyparquet, whose errors are about the file. */
async function parsed<Result>(file: string, call: () => Promise<Result>): Promise<Result> {
  try {
    return await call()
  } catch (error) {
    if (error instanceof TastespaceError) throw error
    throw badParquet(file, error)
  }
}

/** The error of a file that a library cannot read. */
export function badParquet(file: string, error: unknown): TastespaceError {
  const problem = messageOf(error)
  const message = `${file} is a damaged Parquet file, or has a feature that is not supported: ${problem}`
  return new TastespaceError('data/bad-parquet', message, { file, problem })
}

/** The elements of the schema below its root, without those within them. */
function topColumns({ schema }: FileMetaData): SchemaElement[] {
  const top: SchemaElement[] = []
  for (let at = 1; at < schema.length; ) {
    const element = schema[at]
    if (element) top.push(element)
    // Skips the descendants of the element.
    for (let left = 1; left > 0; at++) left += (schema[at]?.num_children ?? 0) - 1
  }
  return top
}

function typeOf(element: SchemaElement | undefined): { kind: Kind; type: string } {
  if (!element) return { kind: 'other', type: 'unknown' }
  const { type = 'a group', converted_type: converted, logical_type: logical } = element
  return { kind: kindOf(element), type: logical?.type ?? converted ?? type }
}

function kindOf({ type, converted_type: converted, logical_type: logical, repetition_type }: SchemaElement): Kind {
  if (type === undefined || repetition_type === 'REPEATED') return 'other'
  if (converted === 'DECIMAL' || logical?.type === 'DECIMAL' || logical?.type === 'FLOAT16') return 'number'
  if (converted === 'DATE' || converted?.startsWith('TIMESTAMP') || logical?.type === 'TIMESTAMP') return 'time'
  if (converted?.startsWith('TIME_') || logical?.type === 'TIME' || logical?.type === 'INTERVAL') return 'other'
  if (type === 'INT96') return 'time'
  if (type === 'FLOAT' || type === 'DOUBLE') return 'number'
  if (type === 'BOOLEAN') return 'boolean'
  if (type === 'INT32' || type === 'INT64') {
    const unsigned = logical?.type === 'INTEGER' ? !logical.isSigned : converted?.startsWith('UINT')
    return unsigned ? 'large-integer' : 'integer'
  }
  const text = converted === undefined || converted === 'UTF8' || converted === 'ENUM'
  const plain = logical === undefined || logical.type === 'STRING' || logical.type === 'ENUM' || logical.type === 'UUID'
  return type === 'BYTE_ARRAY' && text && plain ? 'text' : logical?.type === 'UUID' ? 'text' : 'other'
}

/** The rows `from..to` of a row group. */
function batchOf(columns: readonly TableColumn[], values: ReadonlyMap<string, Values>, from: number, to: number) {
  const nulls = new Nulls(to - from)
  const ids: { user?: Ids; item?: Ids } = {}
  const numbers: { rating?: Float32Array; time?: Float64Array } = {}
  for (const { role, column, kind } of columns) {
    const slice = sliced(values.get(column) ?? [], from, to)
    const isNull = (row: number) => nulls.add(role, row)
    if (role === 'user' || role === 'item') ids[role] = idsOf(kind, slice, isNull)
    else if (role === 'rating') numbers.rating = fillNumbers(new Float32Array(to - from), slice, isNull)
    else numbers.time = fillNumbers(new Float64Array(to - from), slice, isNull)
  }
  return rowsOf(ids, numbers, nulls.bits())
}

function sliced(values: Values, from: number, to: number): Values {
  if (isTyped(values, 'Int32Array') || isTyped(values, 'BigInt64Array')) return values.subarray(from, to)
  return Array.prototype.slice.call(values, from, to)
}

function idsOf(kind: Kind, values: Values, isNull: (row: number) => void): Ids {
  if (isTyped(values, 'Int32Array') || isTyped(values, 'BigInt64Array')) return values
  if (kind === 'text') return coded(values, isNull)
  const missing = (value: unknown) => value === null || value === undefined
  for (let row = 0; row < values.length; row++) if (missing(values[row])) isNull(row)
  if (kind !== 'integer') return idsOfNumbers(values)
  return BigInt64Array.from(values, (value) => (typeof value === 'bigint' ? value : BigInt(Number(value ?? 0))))
}

const encoder = new TextEncoder()

/** Texts by their codes: values from the same entry of a dictionary are the same object. */
function coded(values: Values, isNull: (row: number) => void): Ids {
  const codes = new Uint32Array(values.length)
  const known = new Map<unknown, number>()
  const texts = new TextColumn(values.length)
  for (let row = 0; row < values.length; row++) {
    const value = values[row]
    if (value === null || value === undefined) isNull(row)
    let code = known.get(value)
    if (code === undefined) {
      code = known.size
      known.set(value, code)
      texts.push(isBytes(value) ? value : encoder.encode(String(value ?? '')))
    }
    codes[row] = code
  }
  return { codes, texts: texts.take() }
}
