import type { Data, RecordBatch, Schema, Table as TableOfArrow, Vector } from 'apache-arrow'
import { badArgument } from '../../arguments.ts'
import type { Ids, Rows, Texts } from '../../engine/calls.ts'
import { messageOf, TastespaceError } from '../../errors.ts'
import { isBytes, isTyped } from '../../realm.ts'
import { integerIds, Nulls, type Role } from '../columns.ts'
import { missingPackage } from './missing-package.ts'
import type { Seekable } from './random-access.ts'
import type { Piece, Roles, Table } from './types.ts'
import { columnsIn, fillNumbers, idsOfNumbers, type Kind, rowsOf, type TableColumn, TextColumn } from './values.ts'

/** A table of apache-arrow, by the parts that are read. */
export interface ArrowTable {
  readonly schema: { readonly fields: readonly { readonly name: string }[] }
  readonly batches: readonly { readonly numRows: number }[]
}

/** Whether it is a table of apache-arrow. */
export function isArrowTable(value: unknown): value is TableOfArrow {
  return (
    typeof value === 'object' &&
    value !== null &&
    'schema' in value &&
    'batches' in value &&
    Array.isArray(value.batches) &&
    'getChild' in value
  )
}

type Arrow = typeof import('apache-arrow')

async function library(): Promise<Arrow> {
  try {
    return await import('apache-arrow')
  } catch (error) {
    throw missingPackage(error, ['apache-arrow'], 'reading Arrow files')
  }
}

/** Decompressors of Arrow files: LZ4 and Zstandard, where they are installed. */
async function useDecompressors({ compressionRegistry, CompressionType }: Arrow): Promise<void> {
  const { LZ4_FRAME, ZSTD } = CompressionType
  try {
    const { decompress } = await import('lz4js')
    if (!compressionRegistry.get(LZ4_FRAME)?.decode) {
      compressionRegistry.set(LZ4_FRAME, { decode: (bytes) => aligned(decompress(bytes)) })
    }
  } catch {
    // Needed only for files that are compressed like this.
  }
  try {
    const { decompressZstd } = await import('hyparquet-compressors')
    if (!compressionRegistry.get(ZSTD)?.decode)
      compressionRegistry.set(ZSTD, { decode: (bytes) => aligned(decompressZstd(bytes)) })
  } catch {
    // As above.
  }
}

/** The bytes, aligned for numbers of any width. */
function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes)
}

/** Opens an Arrow file or the bytes of an Arrow stream. Only one record batch is in memory at a time. */
export async function openArrow(file: Seekable): Promise<Table> {
  const arrow = await library()
  await useDecompressors(arrow)
  const failed = (error: unknown) => (error instanceof TastespaceError ? error : badArrow(file.name, error))
  try {
    const { RecordBatchReader }: { RecordBatchReader: Reading } = arrow
    const reader = await RecordBatchReader.from(handleOf(file))
    await reader.open()
    const { schema } = reader
    return tableOf(file.name, schema, batches(), () => file.close())

    async function* batches() {
      let read = 0
      try {
        for await (const batch of reader) {
          read = Math.min(read + batch.data.byteLength, file.size)
          yield { batch, read }
        }
      } catch (error) {
        throw failed(error)
      }
    }
  } catch (error) {
    throw failed(error)
  }
}

/** A table in memory. */
export function openArrowTable(table: TableOfArrow): Table {
  async function* batches() {
    let read = 0
    for (const batch of table.batches) {
      read += batch.data.byteLength
      yield { batch, read }
    }
  }
  return tableOf('the table', table.schema, batches(), async () => {})
}

/** What apache-arrow reads of a file: only these methods of Node's file handles. */
interface Reading {
  from(source: ReturnType<typeof handleOf>): Promise<AsyncIterable<RecordBatch> & { open(): unknown; schema: Schema }>
}

/** A file as apache-arrow reads it in any order: with the methods of Node's file handles. */
function handleOf(file: Seekable) {
  return {
    // Only there to be recognised.
    fd: -1,
    stat: async () => ({ size: file.size }),
    async read(buffer: Uint8Array, offset: number, length: number, position: number) {
      const bytes = await file.read(position, position + length)
      buffer.set(bytes, offset)
      return { bytesRead: bytes.length, buffer }
    },
    close: () => file.close(),
  }
}

function badArrow(file: string, error: unknown): TastespaceError {
  const problem = messageOf(error)
  const needed = /LZ4/i.test(problem) ? ['lz4js'] : /ZSTD/i.test(problem) ? ['hyparquet-compressors'] : undefined
  if (/codec/i.test(problem) && needed) return missingPackage(error, needed, `${file} is compressed, and reading it`)
  const message = `${file} is a damaged Arrow file, or has a feature that is not supported: ${problem}`
  return new TastespaceError('data/bad-arrow', message, { file, problem })
}

function tableOf(
  name: string,
  schema: Schema,
  batches: AsyncIterable<{ batch: RecordBatch; read: number }>,
  close: () => Promise<void>,
): Table {
  async function* read(roles: Roles): AsyncGenerator<Piece> {
    const columns = columnsIn(name, roles, (column) => {
      const type = schema.fields.find((field) => field.name === column)?.type
      return { kind: kindOf(type), type: String(type) }
    })
    for await (const { batch, read } of batches) {
      if (batch.numRows > 0) yield { rows: rowsIn(columns, batch), read }
    }
  }
  return { name, columns: schema.fields.map(({ name }) => String(name)), read, close }
}

/** The ids of the types of Arrow's format. */
const TYPE = { int: 2, float: 3, utf8: 5, bool: 6, decimal: 7, date: 8, timestamp: 10, largeUtf8: 20, dictionary: -1 }

interface Type {
  readonly typeId: number
  readonly bitWidth?: number
  readonly isSigned?: boolean
  readonly unit?: number
  readonly scale?: number
  readonly dictionary?: Type
}

function kindOf(type: Type | undefined): Kind {
  switch (type?.typeId) {
    case TYPE.int:
      return type?.bitWidth === 64 && type.isSigned === false ? 'large-integer' : 'integer'
    case TYPE.float:
    case TYPE.decimal:
      return 'number'
    case TYPE.bool:
      return 'boolean'
    case TYPE.utf8:
    case TYPE.largeUtf8:
      return 'text'
    case TYPE.date:
    case TYPE.timestamp:
      return 'time'
    case TYPE.dictionary:
      return kindOf(type?.dictionary)
    default:
      return 'other'
  }
}

function rowsIn(columns: readonly TableColumn[], batch: RecordBatch): Rows {
  const nulls = new Nulls(batch.numRows)
  const ids: { user?: Ids; item?: Ids } = {}
  const numbers: { rating?: Float32Array; time?: Float64Array } = {}
  for (const { role, column } of columns) {
    const vector = batch.getChild(column)
    const data = vector?.data[0]
    if (!vector || !data) continue
    markNulls(role, vector, nulls)
    if (role === 'user' || role === 'item') ids[role] = idsOf(vector, data)
    else if (role === 'rating')
      numbers.rating = fillNumbers(new Float32Array(data.length), numbersOf(vector, data), () => {})
    else numbers.time = fillNumbers(new Float64Array(data.length), numbersOf(vector, data), () => {})
  }
  return rowsOf(ids, numbers, nulls.bits())
}

function markNulls(role: Role, vector: Vector, nulls: Nulls): void {
  if (vector.nullCount === 0) return
  for (let row = 0; row < vector.length; row++) if (!vector.isValid(row)) nulls.add(role, row)
}

function idsOf(vector: Vector, data: Data): Ids {
  const type: Type = data.type
  const { values } = data
  const kind = kindOf(type)
  if (type.typeId === TYPE.dictionary && kind === 'text') return coded(data)
  if (kind === 'text') return textsOf(data, vector)
  const plain = type.typeId !== TYPE.dictionary && kind === 'integer'
  const integers = plain ? integerIds(values?.subarray(0, data.length)) : undefined
  return integers ?? idsOfNumbers(Array.from(vector))
}

/** The bytes and ends of texts, as they lie in the table. */
function textsOf(data: Data, vector: Vector): Texts {
  const { values, valueOffsets: offsets, length } = data
  if (!isBytes(values) || !offsets) return packed(vector)
  const start = Number(offsets[0] ?? 0)
  const end = Number(offsets[length] ?? 0)
  // The text of a null is arbitrary: its row is refused or skipped.
  return {
    bytes: values.subarray(start, end),
    ends: Uint32Array.from({ length }, (_, row) => Number(offsets[row + 1] ?? 0) - start),
  }
}

function packed(vector: Vector): Texts {
  const encoder = new TextEncoder()
  const texts = new TextColumn(vector.length)
  for (const value of vector) texts.push(encoder.encode(String(value ?? '')))
  return texts.take()
}

/** Codes and the texts of a dictionary, whose parts are joined. */
function coded({ values: codes, dictionary, length }: Data): Ids {
  const [only, ...more] = dictionary?.data ?? []
  const joined = dictionary && (only && more.length === 0 ? textsOf(only, dictionary) : packed(dictionary))
  const texts = joined ?? { bytes: new Uint8Array(), ends: new Uint32Array() }
  return { codes: Uint32Array.from(codes.subarray(0, length), Number), texts }
}

/** Numbers, booleans and times, times in seconds. */
function numbersOf(vector: Vector, data: Data): ArrayLike<unknown> {
  const type: Type = data.type
  const { values, length } = data
  if (type.typeId === TYPE.timestamp && isTyped(values, 'BigInt64Array')) {
    const unit = type.unit ?? 0
    // A number of nanoseconds would be rounded.
    if (unit === 3) return Float64Array.from(values.subarray(0, length), (value) => Number(value / 1000n) / 1e6)
    return Float64Array.from(values.subarray(0, length), (value) => Number(value) / 10 ** (3 * unit))
  }
  // A date of days or milliseconds comes as milliseconds.
  if (kindOf(type) === 'time') return Array.from(vector, (value) => value && Number(value) / 1000)
  if (type.typeId === TYPE.decimal) return Array.from(vector, (value) => value && decimal(value, type.scale ?? 0))
  const plain = isTyped(values, 'Float32Array') || isTyped(values, 'Float64Array') || isTyped(values, 'Int32Array')
  return plain ? values.subarray(0, length) : Array.from(vector)
}

/** The value of words in two's complement, least significant first. */
function decimal(words: Uint32Array, scale: number): number {
  let value = 0n
  for (let at = words.length - 1; at >= 0; at--) value = (value << 32n) | BigInt(words[at] ?? 0)
  return Number(BigInt.asIntN(words.length * 32, value)) / 10 ** scale
}

/** The error of an argument that is neither a table nor bytes. */
export function notArrow(value: unknown): TastespaceError {
  return badArgument(
    'fromArrow',
    'source',
    value,
    'a table of apache-arrow, or the bytes, path or Blob of an Arrow file',
  )
}
