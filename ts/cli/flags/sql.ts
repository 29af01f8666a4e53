import type { Command } from 'commander'
import { misuse } from '../terminal/failure.ts'

/** Flags of a query as the source of ratings. */
export interface SqlFlags {
  readonly sql?: string | undefined
  readonly database?: string | undefined
}

/** Adds the flags of a query, which stands in for the file of ratings. */
export function addSqlFlags(command: Command): Command {
  return command
    .option(
      '--sql <query>',
      "ratings by a query that DuckDB runs, instead of a file: select user, item, rating from 'ratings/*.parquet'",
    )
    .option('--database <file>', 'file with the DuckDB database that --sql queries (default: none, only files)')
}

/** The query of the flags; undefined where the ratings are in a file. Refuses neither and both. */
export function queryOf(
  { sql, database }: SqlFlags,
  file: string | undefined,
): { readonly sql: string; readonly database: string | undefined } | undefined {
  if (sql === undefined) {
    if (database !== undefined) throw misuse('--database needs --sql QUERY, the query on its tables')
    if (file !== undefined) return undefined
    throw misuse('no ratings: give a file, - for standard input, or --sql QUERY')
  }
  if (file === undefined) return { sql, database }
  throw misuse(`both the file ${file} and --sql have ratings: give one of them`)
}

/** The job of reading a file beside the query. */
export function withoutQuery<Job extends { readonly flags: SqlFlags }>(job: Job): Job {
  return { ...job, flags: { ...job.flags, sql: undefined, database: undefined } }
}
