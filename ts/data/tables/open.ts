import { badArgument } from '../../arguments.ts'
import { TastespaceError } from '../../errors.ts'
import { database } from '../../platform/platform.ts'
import { openParquet } from './parquet.ts'
import { type Seekable, type SeekableSource, seekable } from './random-access.ts'
import { HEAD, tableFormat } from './signature.ts'
import type { Table } from './types.ts'

/** A library that reads Parquet. */
export type ParquetLibrary = 'duckdb' | 'hyparquet'

const PARQUET_LIBRARIES: readonly ParquetLibrary[] = ['duckdb', 'hyparquet']

/** Opens a source to be read in any order. */
export async function seekableOnly(where: string, source: SeekableSource): Promise<Seekable> {
  const file = await seekable(where, source)
  if (file) return file
  const message = `${source} is a pipe or a device: a table is read from a file, in any order; save it to a file first`
  throw new TastespaceError('file/not-seekable', message, { file: String(source) })
}

/** Opens a Parquet file with one of the libraries, by default with DuckDB where it is installed. */
export async function openParquetWith(
  where: string,
  source: SeekableSource,
  library: ParquetLibrary | undefined,
): Promise<Table> {
  if (library !== undefined && !PARQUET_LIBRARIES.includes(library)) {
    throw badArgument(where, 'library', library, PARQUET_LIBRARIES.join(' or '))
  }
  const file = await seekableOnly(where, source)
  const duckdb = database()
  const path = typeof source === 'string' || source instanceof URL ? source : undefined
  if (library === 'duckdb' && (!duckdb || path === undefined)) {
    await file.close()
    throw badArgument(where, 'library', library, 'hyparquet, since DuckDB reads only files by their paths, in Node')
  }
  if (duckdb && path !== undefined && library !== 'hyparquet' && (library ?? (await duckdb.available()))) {
    await file.close()
    return duckdb.parquet(path)
  }
  return closedOnError(file, () => openParquet(file))
}

/** The format of a file, if it is a table. */
export async function tableFormatOf(where: string, source: SeekableSource): Promise<'parquet' | 'arrow' | undefined> {
  const file = await seekable(where, source)
  if (!file) return undefined
  try {
    return tableFormat(await file.read(0, HEAD))
  } finally {
    await file.close()
  }
}

/** What `open` makes of a file, which is closed where that fails. */
export async function closedOnError(file: Seekable, open: () => Promise<Table>): Promise<Table> {
  try {
    return await open()
  } catch (error) {
    await file.close()
    throw error
  }
}

/** The result of a query. */
export async function openQuery(sql: string, path: string | URL | undefined): Promise<Table> {
  const duckdb = database()
  if (duckdb) return duckdb.query(sql, path)
  throw new TastespaceError('sql/no-database', 'fromSQL: queries run in Node, with DuckDB; here read a File or a Blob')
}
