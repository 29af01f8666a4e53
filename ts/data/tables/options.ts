import type { ParquetLibrary } from './open.ts'
import type { TableOptions } from './table.ts'

/** How a Parquet file is read. */
export interface ParquetOptions extends TableOptions {
  /** The library that reads it. Default: `duckdb` for a path in Node where it is installed, otherwise `hyparquet`. */
  readonly library?: ParquetLibrary | undefined
}

/** How the rows of a query are taken. */
export interface QueryOptions extends TableOptions {
  /** A file with a DuckDB database, which is opened to be read only. Default: a database without tables. */
  readonly database?: string | URL | undefined
}
