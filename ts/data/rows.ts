import { badArgument, isRecord } from '../arguments.ts'
import type { Rows } from '../engine/calls.ts'
import { TastespaceError } from '../errors.ts'
import { type Id, packIds } from './ids.ts'

/** A rating or an interaction. Either all rows have a rating or none has, and likewise for times. */
export interface Row {
  readonly user: Id
  readonly item: Id
  readonly rating?: number | undefined
  /** Seconds since any epoch, or a date. */
  readonly time?: number | Date | undefined
}

/** Rows as columns of equal length. */
export interface RowColumns {
  readonly user: ArrayLike<Id>
  readonly item: ArrayLike<Id>
  readonly rating?: ArrayLike<number> | undefined
  /** Seconds since any epoch. */
  readonly time?: ArrayLike<number> | undefined
}

/** Rows as columns. `before` is the number of earlier rows, for the row numbers in errors. */
export function columnsOf(rows: readonly Row[], before: number): RowColumns {
  rows.forEach((row, index) => {
    if (isRecord(row)) return
    throw badArgument('fromRows', `row ${before + index + 1}`, row, 'an object { user, item, rating, time }')
  })
  const first = rows[0]
  if (first && before === 0) checkFields('fromRows', 'row 1', first)
  const column = <Name extends 'rating' | 'time'>(name: Name) => {
    const present = first?.[name] !== undefined
    rows.forEach((row, index) => {
      if ((row[name] !== undefined) === present) return
      const message = `row ${before + index + 1} has ${present ? 'no' : 'a'} ${name}, unlike the rows before it`
      throw new TastespaceError('data/mixed-rows', message, { row: before + index + 1, column: name })
    })
    return present ? { [name]: rows.map((row, index) => numberIn(row[name], before + index + 1, name)) } : {}
  }
  return {
    user: rows.map((row) => row.user),
    item: rows.map((row) => row.item),
    ...column('rating'),
    ...column('time'),
  }
}

/** Refuses a row, or columns, with another field: the column of times under another name, for example. */
function checkFields(where: string, name: string, fields: object): void {
  const key = Object.keys(fields).find((key) => !COLUMNS.some((column) => column === key))
  if (key === undefined) return
  const message = `${where}: ${name} has the unknown key '${key}'; accepted: ${COLUMNS.join(', ')}`
  throw new TastespaceError('config/unknown-key', message, { function: where, key, accepted: COLUMNS })
}

function numberIn(value: number | Date | undefined, row: number, name: string): number {
  if (typeof value === 'number') return value
  if (name === 'time' && value instanceof Date) return value.getTime() / 1000
  throw badArgument('fromRows', `the ${name} of row ${row}`, value, name === 'time' ? 'a number or a Date' : 'a number')
}

const COLUMNS = ['user', 'item', 'rating', 'time'] as const

/** Refuses columns that are none or that differ in length, and returns the number of rows. */
export function checkColumns(columns: RowColumns): number {
  if (!isRecord(columns)) throw badArgument('fromColumns', 'columns', columns, 'an object { user, item, rating, time }')
  const lengthOf = (name: (typeof COLUMNS)[number]): number | undefined => {
    const column: unknown = columns[name]
    if (column === undefined && (name === 'rating' || name === 'time')) return undefined
    if (typeof column === 'object' && column !== null && 'length' in column && typeof column.length === 'number') {
      return column.length
    }
    throw badArgument('fromColumns', `column ${name}`, column, 'an array')
  }
  checkFields('fromColumns', 'columns', columns)
  const rows = lengthOf('user') ?? 0
  for (const column of COLUMNS) {
    const length = lengthOf(column) ?? rows
    if (length === rows) continue
    const message = `columns differ in length: user has ${rows} rows, ${column} has ${length}`
    throw new TastespaceError('data/bad-row', message, { column, rows, length })
  }
  return rows
}

/** The rows `from..to`. */
export function sliced({ user, item, rating, time }: RowColumns, from: number, to: number): RowColumns {
  const cut = <T>(column: ArrayLike<T>): T[] => Array.prototype.slice.call(column, from, to)
  return {
    user: cut(user),
    item: cut(item),
    rating: rating && cut(rating),
    time: time && cut(time),
  }
}

/** Rows as the engine takes them. */
export function packRows(where: string, { user, item, rating = [], time = [] }: RowColumns): Rows {
  return {
    users: packIds(where, 'user', Array.from(user)),
    items: packIds(where, 'item', Array.from(item)),
    ratings: Float32Array.from(numbers(where, 'rating', rating)),
    times: Float64Array.from(numbers(where, 'time', time)),
  }
}

function numbers(where: string, name: string, column: ArrayLike<number>): ArrayLike<number> {
  if (ArrayBuffer.isView(column)) return column
  const wrong = Array.from(column).find((value) => typeof value !== 'number')
  if (wrong === undefined) return column
  throw badArgument(where, `a value of column ${name}`, wrong, 'a number')
}
