import type { Rows } from '../../engine/calls.ts'

/** The names of the columns that are read. */
export interface Roles {
  readonly user: string
  readonly item: string
  readonly rating?: string
  readonly time?: string
  /** All other columns. */
  readonly unread: readonly string[]
}

/** Rows for the engine. */
export interface Piece {
  readonly rows: Rows
  /** How much of the table has been read with them: bytes, or rows of a query. */
  readonly read: number
}

/** A table that is open. */
export interface Table {
  /** Its name in messages. */
  readonly name: string
  /** The names of its columns. */
  readonly columns: readonly string[]
  /** Further advice in the error of a column that is not found. */
  readonly advice?: (wanted: string, found: string) => string
  read(roles: Roles): AsyncIterable<Piece>
  close(): Promise<void>
}
