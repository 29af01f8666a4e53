// DuckDB as a reader of Parquet and as a source of rows. Only in Node: its packages have native code.
import { stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type * as Bindings from '@duckdb/node-bindings'
import { missingPackage } from '../data/tables/missing-package.ts'
import { badParquet } from '../data/tables/parquet.ts'
import type { Piece, Roles, Table } from '../data/tables/types.ts'
import { columnsIn, type Kind, type TableColumn } from '../data/tables/values.ts'
import { messageOf, TastespaceError } from '../errors.ts'
import { type DuckDB, DuckDBRows, type ResultColumn } from './duckdb-rows.ts'
import type { Database } from './platform.ts'

export const duckdb: Database = { available, parquet, query }

const PACKAGE = '@duckdb/node-api'

const VIEW = 'tastespace_rows'

/**
 * The layer below `@duckdb/node-api`, which depends on it: it has the vectors of a chunk as bytes, while that package makes a
 * JavaScript value of each of theirs.
 */
function load(purpose: string): DuckDB {
  try {
    const api = createRequire(import.meta.url).resolve(PACKAGE)
    return createRequire(api)('@duckdb/node-bindings')
  } catch (error) {
    throw missingPackage(error, [PACKAGE], purpose)
  }
}

async function available(): Promise<boolean> {
  try {
    return load('') !== undefined
  } catch {
    return false
  }
}

/** A connection to the database in a file, which is only read, or to an empty one. */
class Connection {
  private constructor(
    readonly duckdb: DuckDB,
    readonly handle: Bindings.Connection,
    private readonly database: Bindings.Database,
  ) {}

  static async open(duckdb: DuckDB, path: string | undefined): Promise<Connection> {
    const config = duckdb.create_config()
    if (path !== undefined) duckdb.set_config(config, 'access_mode', 'READ_ONLY')
    // The order of rows decides which of two with equal times is the later one.
    duckdb.set_config(config, 'preserve_insertion_order', 'true')
    const database = await duckdb.open(path, config)
    return new Connection(duckdb, await duckdb.connect(database), database)
  }

  async close(): Promise<void> {
    this.duckdb.disconnect_sync(this.handle)
    this.duckdb.close_sync(this.database)
  }
}

async function parquet(path: string | URL): Promise<Table> {
  const name = path instanceof URL ? path.pathname : path
  const literal = textLiteral(globless(path instanceof URL ? fileURLToPath(path) : path))
  const { size } = await stat(path)
  const connection = await Connection.open(load('reading Parquet with DuckDB'), undefined)
  const failed = (error: unknown) => badParquet(name, error)
  return closedOnError(connection, failed, async () => {
    const rows = Math.max(1, await rowsIn(connection, literal))
    const sql = `from read_parquet(${literal}, hive_partitioning = false)`
    return tableOf(connection, sql, name, (taken) => (size * taken) / rows, failed)
  })
}

async function query(sql: string, database: string | URL | undefined): Promise<Table> {
  const path = database instanceof URL ? fileURLToPath(database) : database
  const failed = (error: unknown) => {
    const problem = messageOf(error)
    return new TastespaceError('sql/failed', `DuckDB refuses the query: ${problem}`, { sql, problem })
  }
  const connection = await Connection.open(load('a query by fromSQL (--sql)'), path).catch((error: unknown) => {
    if (error instanceof TastespaceError) throw error
    const problem = messageOf(error)
    const message = `${path} cannot be opened as a DuckDB database: ${problem}`
    throw new TastespaceError('sql/bad-database', message, { file: path, problem })
  })
  const advice = (wanted: string, found: string) => `or name a column in the query, as in: select ${found} as ${wanted}`
  return closedOnError(connection, failed, async () => ({
    ...(await tableOf(connection, sql, 'the query', (taken) => taken, failed)),
    advice,
  }))
}

async function closedOnError(
  connection: Connection,
  failed: (error: unknown) => TastespaceError,
  open: () => Promise<Table>,
): Promise<Table> {
  try {
    return await open()
  } catch (error) {
    await connection.close()
    throw error instanceof TastespaceError ? error : failed(error)
  }
}

async function rowsIn({ duckdb, handle }: Connection, file: string): Promise<number> {
  const result = await duckdb.query(handle, `select num_rows::double from parquet_file_metadata(${file})`)
  const chunk = await duckdb.fetch_chunk(result)
  if (!chunk) return 0
  const { buffer, byteOffset } = duckdb.vector_get_data(duckdb.data_chunk_get_vector(chunk, 0), 8)
  return new Float64Array(buffer, byteOffset, 1)[0] ?? 0
}

/** The table of a statement, which has to be one that returns rows. */
async function tableOf(
  connection: Connection,
  sql: string,
  name: string,
  read: (rows: number) => number,
  failed: (error: unknown) => TastespaceError,
): Promise<Table> {
  const types = await typesOf(connection, sql)
  const columns = types.map(({ name }) => name)
  const typeOf = (column: string) => types[columns.indexOf(column)] ?? { kind: 'other', type: 'unknown' }

  async function* rows(roles: Roles): AsyncGenerator<Piece> {
    const { duckdb, handle } = connection
    const selected = columnsIn(name, roles, typeOf).map((column) => {
      return conversion(column, typeOf(column.column).type, `c${columns.indexOf(column.column)}`)
    })
    const expressions = selected.map(({ expression }) => expression)
    const rows = new DuckDBRows(duckdb, selected)
    let taken = 0
    try {
      // A view, since a query in brackets could not end in a semicolon and a comment. Its columns are named by position, since
      // names may occur twice.
      await duckdb.query(handle, `create temp view ${VIEW}(${columns.map((_, at) => `c${at}`).join(', ')}) as ${sql}`)
      // A result whose query fails midway ends like any other: only the mark at its end shows that it is whole.
      const statement = await duckdb.prepare(
        handle,
        `select ${expressions.join(', ')}, 0::utinyint from temp.main.${VIEW}
        union all select ${expressions.map(() => 'null').join(', ')}, 1::utinyint`,
      )
      const result = await duckdb.execute_prepared_streaming(statement)
      for (;;) {
        const chunk = await duckdb.fetch_chunk(result)
        if (!chunk || duckdb.data_chunk_get_size(chunk) === 0) break
        rows.add(chunk)
        if (!rows.full) continue
        taken += rows.rows
        yield { rows: rows.take(), read: read(taken) }
      }
      duckdb.destroy_prepare_sync(statement)
      if (!rows.ended) throw await whyNotWhole(connection, expressions)
    } catch (error) {
      throw error instanceof TastespaceError ? error : failed(error)
    }
    taken += rows.rows
    if (rows.rows > 0) yield { rows: rows.take(), read: read(taken) }
  }
  return { name, columns, read: rows, close: () => connection.close() }
}

/** The error that ended a result early, found by running its query again. */
async function whyNotWhole({ duckdb, handle }: Connection, expressions: readonly string[]): Promise<unknown> {
  try {
    // Without rows: each value is computed, and none is kept.
    await duckdb.query(handle, `select ${expressions.map((each) => `max(${each})`).join(', ')} from temp.main.${VIEW}`)
    return new Error('the result ended early, for an unknown reason; perhaps memory was short')
  } catch (error) {
    return error
  }
}

interface ColumnType {
  readonly name: string
  readonly kind: Kind
  readonly type: string
}

/** The columns of the result of a query. */
async function typesOf({ duckdb, handle }: Connection, sql: string): Promise<ColumnType[]> {
  const { extracted_statements, statement_count } = await duckdb.extract_statements(handle, sql)
  if (statement_count === 0) {
    const problem = duckdb.extract_statements_error(extracted_statements)
    throw problem === '' ? notOneQuery(sql, 'it is empty') : new Error(problem)
  }
  if (statement_count > 1) throw notOneQuery(sql, `it has ${statement_count} statements`)
  const statement = await duckdb.prepare_extracted_statement(handle, extracted_statements, 0)
  try {
    if (duckdb.prepared_statement_type(statement) !== duckdb.StatementType.SELECT) {
      throw notOneQuery(sql, 'it is a statement of another kind')
    }
    if (duckdb.nparams(statement) > 0) throw notOneQuery(sql, 'it has parameters')
    return Array.from({ length: duckdb.prepared_statement_column_count(statement) }, (_, at) => {
      const type = duckdb.prepared_statement_column_type(statement, at)
      const name = duckdb.prepared_statement_column_name(statement, at)
      return { name, kind: kindOf(duckdb, type), type: duckdb.Type[type] ?? 'unknown' }
    })
  } finally {
    duckdb.destroy_prepare_sync(statement)
  }
}

function notOneQuery(sql: string, reason: string): TastespaceError {
  const message = `expected one query that returns rows, such as select user, item, rating from 'ratings.parquet': ${reason}`
  return new TastespaceError('sql/not-a-query', message, { sql, reason })
}

function kindOf({ Type }: DuckDB, type: Bindings.Type): Kind {
  switch (type) {
    case Type.TINYINT:
    case Type.SMALLINT:
    case Type.INTEGER:
    case Type.BIGINT:
    case Type.UTINYINT:
    case Type.USMALLINT:
    case Type.UINTEGER:
      return 'integer'
    case Type.UBIGINT:
    case Type.HUGEINT:
    case Type.UHUGEINT:
      return 'large-integer'
    case Type.FLOAT:
    case Type.DOUBLE:
    case Type.DECIMAL:
      return 'number'
    case Type.BOOLEAN:
      return 'boolean'
    case Type.VARCHAR:
    case Type.BLOB:
    case Type.ENUM:
    case Type.UUID:
      return 'text'
    case Type.DATE:
    case Type.TIMESTAMP:
    case Type.TIMESTAMP_S:
    case Type.TIMESTAMP_MS:
    case Type.TIMESTAMP_NS:
    case Type.TIMESTAMP_TZ:
      return 'time'
    default:
      return 'other'
  }
}

/** An expression whose values `DuckDBRows` reads, and how they are stored. */
function conversion({ role, kind }: TableColumn, type: string, column: string): ResultColumn & { expression: string } {
  if (role === 'user' || role === 'item') {
    if (kind === 'number') return { role, stored: 'double', expression: `${column}::double` }
    if (kind === 'integer') {
      const wide = type === 'BIGINT' || type === 'UINTEGER'
      return { role, stored: wide ? 'int64' : 'int32', expression: `${column}::${wide ? 'bigint' : 'integer'}` }
    }
    return { role, stored: 'text', expression: type === 'BLOB' ? `decode(${column})` : `${column}::varchar` }
  }
  return { role, stored: 'double', expression: numberIn(kind, type, column) }
}

function numberIn(kind: Kind, type: string, column: string): string {
  if (kind === 'boolean') return `${column}::integer::double`
  if (kind !== 'time') return `${column}::double`
  if (type === 'TIMESTAMP_NS') return `(epoch_ns(${column}) // 1000)::double / 1e6`
  // A time zone is only how a moment is shown; its cast needs an extension.
  return type === 'TIMESTAMP_TZ' ? `epoch_us(${column})::double / 1e6` : `epoch_us(${column}::timestamp)::double / 1e6`
}

/** A text in SQL. */
function textLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** A path without the meaning that DuckDB gives to some characters. */
function globless(path: string): string {
  return path.replace(/[*?[]/g, '[$&]')
}
