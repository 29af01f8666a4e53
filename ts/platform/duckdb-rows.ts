import type * as Bindings from '@duckdb/node-bindings'
import { Nulls, type Role } from '../data/columns.ts'
import { idsOfNumbers, rowsOf, TextColumn } from '../data/tables/values.ts'
import type { Ids, Rows } from '../engine/calls.ts'

export type DuckDB = typeof Bindings

/** The types that a query converts its columns to. */
export type Stored = 'int32' | 'int64' | 'double' | 'text'

/** A column of a result. */
export interface ResultColumn {
  readonly role: Role
  readonly stored: Stored
}

/** Rows in one message to the engine. */
const BATCH = 65_536

/** Bytes of a text's entry in a vector: its length, then its bytes or, of a longer text, four of them and a pointer. */
const ENTRY = 16
const INLINE = 12
const POINTER = 8

type Values = Int32Array | BigInt64Array | Float64Array | Float32Array | TextColumn

/** Collects the chunks of a result, of a few thousand rows each, into messages to the engine. */
export class DuckDBRows {
  readonly #values: readonly Values[]
  readonly #chunk: number
  #nulls = new Nulls(BATCH)
  rows = 0
  /** Whether the mark after the last row has come. */
  ended = false

  constructor(
    private readonly duckdb: DuckDB,
    private readonly columns: readonly ResultColumn[],
  ) {
    this.#chunk = duckdb.vector_size()
    this.#values = columns.map(({ role, stored }): Values => {
      if (stored === 'text') return new TextColumn(BATCH)
      if (role === 'rating') return new Float32Array(BATCH)
      if (stored === 'double') return new Float64Array(BATCH)
      return stored === 'int32' ? new Int32Array(BATCH) : new BigInt64Array(BATCH)
    })
  }

  /** Whether there is no room for another chunk. */
  get full(): boolean {
    return this.rows + this.#chunk > BATCH
  }

  /** Adds a chunk. Its vectors are those of the columns and, last, one of bytes: 0 for a row and 1 for the mark. */
  add(chunk: Bindings.DataChunk): void {
    const { data_chunk_get_size, data_chunk_get_vector, vector_get_data, vector_get_validity } = this.duckdb
    const size = data_chunk_get_size(chunk)
    this.ended = vector_get_data(data_chunk_get_vector(chunk, this.columns.length), size)[size - 1] === 1
    const rows = this.ended ? size - 1 : size
    for (const [at, { role, stored }] of this.columns.entries()) {
      const vector = data_chunk_get_vector(chunk, at)
      // Null, despite the type, where all values are valid.
      const validity: Uint8Array | null = vector_get_validity(vector, Math.ceil(rows / 64) * 8)
      const isValid = (row: number) => validity === null || ((validity[row >> 3] ?? 0) >> (row & 7)) & 1
      if (validity !== null)
        for (let row = 0; row < rows; row++) if (!isValid(row)) this.#nulls.add(role, this.rows + row)
      const values = this.#values[at]
      if (values instanceof TextColumn) {
        this.#addTexts(values, vector_get_data(vector, rows * ENTRY), rows, (row) => !isValid(row))
        continue
      }
      const width = stored === 'int32' ? 4 : 8
      const { buffer, byteOffset } = vector_get_data(vector, rows * width)
      if (values instanceof Int32Array) values.set(new Int32Array(buffer, byteOffset, rows), this.rows)
      else if (values instanceof BigInt64Array) values.set(new BigInt64Array(buffer, byteOffset, rows), this.rows)
      else values?.set(new Float64Array(buffer, byteOffset, rows), this.rows)
    }
    this.rows += rows
  }

  /**
   * Copies the texts of a vector. Long texts lie one behind the other, mostly: each run of them is read at once, and the bytes
   * read are those of the texts alone.
   */
  #addTexts(texts: TextColumn, entries: Uint8Array, rows: number, isNull: (row: number) => boolean): void {
    const view = new DataView(entries.buffer, entries.byteOffset, entries.byteLength)
    const lengths = new Uint32Array(entries.buffer, entries.byteOffset, rows * 4)
    const run = { row: 0, rows: 0, bytes: 0, end: 0n }
    const flush = () => {
      if (run.rows === 0) return
      const { buffer, byteOffset } = entries
      if (!(buffer instanceof ArrayBuffer)) throw new Error('the vectors of DuckDB are not shared memory')
      const source = this.duckdb.get_data_from_pointer(buffer, byteOffset + run.row * ENTRY + POINTER, run.bytes)
      const { bytes, at: to } = texts.reserve(run.bytes)
      bytes.set(source, to)
      let left = run.bytes
      for (let row = run.row; row < run.row + run.rows; row++) {
        left -= lengths[row * 4] ?? 0
        texts.end(left)
      }
      run.rows = 0
    }
    for (let row = 0; row < rows; row++) {
      const length = isNull(row) ? 0 : (lengths[row * 4] ?? 0)
      if (length > INLINE) {
        const pointer = view.getBigUint64(row * ENTRY + POINTER, true)
        if (run.rows === 0 || pointer !== run.end) {
          flush()
          run.row = row
          run.bytes = 0
        }
        run.rows++
        run.bytes += length
        run.end = pointer + BigInt(length)
      } else {
        flush()
        const { bytes, at } = texts.reserve(length)
        const from = row * ENTRY + 4
        for (let byte = 0; byte < length; byte++) bytes[at + byte] = entries[from + byte] ?? 0
        texts.end()
      }
    }
    flush()
  }

  /** The rows so far. They are to be sent before the next are added. */
  take(): Rows {
    const ids: { user?: Ids; item?: Ids } = {}
    const numbers: { rating?: Float32Array; time?: Float64Array } = {}
    this.columns.forEach(({ role }, at) => {
      const values = this.#values[at]
      if (role === 'user' || role === 'item') {
        if (values instanceof TextColumn) ids[role] = values.take()
        else if (values instanceof Float64Array) ids[role] = idsOfNumbers(values.subarray(0, this.rows))
        else if (values && !(values instanceof Float32Array)) ids[role] = values.subarray(0, this.rows)
      } else if (values instanceof Float32Array) numbers.rating = values.subarray(0, this.rows)
      else if (values instanceof Float64Array) numbers.time = values.subarray(0, this.rows)
    })
    const rows = rowsOf(ids, numbers, this.#nulls.bits(this.rows))
    this.rows = 0
    this.#nulls = new Nulls(BATCH)
    return rows
  }
}
