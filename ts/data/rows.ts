import { badArgument, isRecord, shown } from '../arguments.ts'
import type { Rows } from '../engine/calls.ts'
import { TastespaceError } from '../errors.ts'
import { type Id, packIds } from './ids.ts'

/** A time: a number, a date, or text in ISO 8601 such as `2015-03-04T10:11:12Z`. */
export type Time = number | bigint | Date | string

/** A rating or an interaction. Either all rows have a rating or none has, and likewise for times. */
export interface Row {
  readonly user: Id
  readonly item: Id
  /** A number, or true and false for 1 and 0. */
  readonly rating?: number | boolean | undefined
  /** Numbers are in seconds, milliseconds, microseconds or nanoseconds, by their size or `timeUnit`. */
  readonly time?: Time | undefined
}

/** Rows as columns of equal length. */
export interface RowColumns {
  readonly user: ArrayLike<Id>
  readonly item: ArrayLike<Id>
  readonly rating?: ArrayLike<number | boolean> | undefined
  /** Numbers are in seconds, milliseconds, microseconds or nanoseconds, by their size or `timeUnit`. */
  readonly time?: ArrayLike<Time> | undefined
}

/** The names of the columns, in the order of their bits in `Rows.nulls`. */
const COLUMNS = ['user', 'item', 'rating', 'time'] as const
type Name = (typeof COLUMNS)[number]

/** What a batch of rows is read by. */
export interface RowRules {
  /** The function that messages name. */
  readonly where: string
  /** Whether faulty rows are left out, which the engine does. */
  readonly skip: boolean
  /** Number of rows before the batch, for messages. */
  readonly before: number
  /** Which of the optional columns the rows have; decided by the first batch. */
  readonly has: { rating?: boolean; time?: boolean }
}

/** Rows as objects in columns. */
export function columnsOf(rows: readonly Row[], { where, before }: RowRules): RowColumns {
  rows.forEach((row, index) => {
    if (!isRecord(row)) {
      throw badArgument(where, `row ${before + index + 1}`, row, 'an object { user, item, rating, time }')
    }
    checkFields(where, `row ${before + index + 1}`, row)
  })
  // Columns may hold undefined, which packing refuses or leaves out.
  const column = (name: 'rating' | 'time') => rows.map((row) => row[name])
  return {
    user: rows.map((row) => row.user),
    item: rows.map((row) => row.item),
    rating: column('rating') as (number | boolean)[],
    time: column('time') as Time[],
  }
}

/** Refuses a row, or columns, with another field: the column of times under another name, for example. */
function checkFields(where: string, name: string, fields: object): void {
  for (const key in fields) {
    if (COLUMNS.some((column) => column === key)) continue
    const message = `${where}: ${name} has the unknown key '${key}'; accepted: ${COLUMNS.join(', ')}`
    throw new TastespaceError('config/unknown-key', message, { function: where, key, accepted: COLUMNS })
  }
}

/** Refuses columns that are none or that differ in length, and returns the number of rows. */
export function checkColumns(columns: RowColumns): number {
  if (!isRecord(columns)) throw badArgument('fromColumns', 'columns', columns, 'an object { user, item, rating, time }')
  const lengthOf = (name: Name): number | undefined => {
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
  const cut = <T>(column: ArrayLike<T>): ArrayLike<T> =>
    ArrayBuffer.isView(column) && 'subarray' in column
      ? (column as unknown as { subarray(from: number, to: number): ArrayLike<T> }).subarray(from, to)
      : Array.prototype.slice.call(column, from, to)
  return {
    user: cut(user),
    item: cut(item),
    rating: rating && cut(rating),
    time: time && cut(time),
  }
}

/** Rows as the engine takes them. */
export function packRows({ user, item, rating = [], time = [] }: RowColumns, rules: RowRules): Rows {
  const nulls = new Nulls(user.length)
  const dates = isNumeric(time) ? undefined : datesIn(time, rules)
  return {
    users: packColumn('user', user, nulls, rules),
    items: packColumn('item', item, nulls, rules),
    ratings: Float32Array.from(numbers('rating', rating, nulls, rules, numberOfRating)),
    times: Float64Array.from(numbers('time', time, nulls, rules, dates ? secondsOf : numberOfTime)),
    dated: dates,
    nulls: nulls.bits,
  }
}

/** Marks the values of rows that are missing. */
class Nulls {
  bits: Uint8Array | undefined

  constructor(private readonly rows: number) {}

  add(name: Name, row: number): void {
    this.bits ??= new Uint8Array(this.rows)
    this.bits[row] = (this.bits[row] ?? 0) | (1 << COLUMNS.indexOf(name))
  }
}

function packColumn(name: 'user' | 'item', column: ArrayLike<Id>, nulls: Nulls, { where, skip, before }: RowRules) {
  const ids = Array.from(column)
  ids.forEach((id: unknown, row) => {
    if (id === null || id === undefined) {
      if (!skip) throw badValue(where, name, before + row, id, 'text or a number')
      nulls.add(name, row)
      ids[row] = ''
    } else if (typeof id === 'number' && Number.isInteger(id) && !Number.isSafeInteger(id)) {
      const message =
        `${where}: row ${before + row + 1}, ${name}: ${id} is above 2^53, where numbers are not exact; ` +
        'give the id as text or as a bigint'
      throw new TastespaceError('data/bad-id', message, { function: where, row: before + row + 1, column: name })
    } else if (typeof id === 'number' && !Number.isFinite(id) && skip) {
      nulls.add(name, row)
      ids[row] = ''
    }
  })
  return packIds(where, name, ids)
}

/** Whether a column has numbers only, which need no look. */
function isNumeric(column: ArrayLike<unknown>): boolean {
  return ArrayBuffer.isView(column) && !(column instanceof BigInt64Array) && !(column instanceof BigUint64Array)
}

/** Whether times are dates, not numbers. They have to be all of one sort. */
function datesIn(times: ArrayLike<unknown>, { where, before }: RowRules): boolean {
  let dates: boolean | undefined
  for (let row = 0; row < times.length; row++) {
    const time = times[row]
    if (time === null || time === undefined) continue
    const date = time instanceof Date || typeof time === 'string'
    if (dates !== undefined && dates !== date) {
      throw badValue(where, 'time', before + row, time, `${dates ? 'a date' : 'a number'}, as in the rows before`)
    }
    dates = date
  }
  return dates ?? false
}

/** The numbers of a column. Missing ones are marked; a column of missing ones only is no column. */
function numbers(
  name: 'rating' | 'time',
  column: ArrayLike<unknown>,
  nulls: Nulls,
  { where, skip, before, has }: RowRules,
  read: (value: unknown) => number | undefined,
): ArrayLike<number> {
  const numeric = isNumeric(column)
  const values = Array.from(column)
  has[name] ??= numeric ? column.length > 0 : values.some((value) => value !== null && value !== undefined)
  if (numeric) return column as ArrayLike<number>
  if (!has[name]) {
    const row = values.findIndex((value) => value !== null && value !== undefined)
    if (row >= 0) throw mixed(before + row, name, false)
    return []
  }
  return values.map((value, row) => {
    if (value === undefined && !skip) throw mixed(before + row, name, true)
    if (value === null || value === undefined) {
      nulls.add(name, row)
      return 0
    }
    const number = read(value)
    if (number !== undefined && !(skip && Number.isNaN(number))) return number
    if (!skip) throw badValue(where, name, before + row, value, ACCEPTED[name])
    nulls.add(name, row)
    return 0
  })
}

const ACCEPTED = {
  rating: 'a number or a boolean',
  time: 'a number, a bigint, a Date, or text in ISO 8601 such as 2015-03-04T10:11:12Z',
} as const

function numberOfRating(value: unknown): number | undefined {
  if (typeof value === 'boolean') return value ? 1 : 0
  return typeof value === 'number' ? value : undefined
}

function numberOfTime(value: unknown): number | undefined {
  return typeof value === 'bigint' || typeof value === 'number' ? Number(value) : undefined
}

/** A date, or a date and a time of day. Without a zone it is UTC. */
const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?( ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?)?$/

function secondsOf(value: unknown): number | undefined {
  const date = value instanceof Date ? value.getTime() : milliseconds(value)
  return date === undefined || Number.isNaN(date) ? undefined : date / 1000
}

function milliseconds(value: unknown): number | undefined {
  const [text, zone] = typeof value === 'string' ? (ISO.exec(value.trim()) ?? []) : []
  if (text === undefined) return undefined
  const utc = text.replace(' ', 'T').replace(/ ?UTC$/, 'Z').replace(' ', '')
  return Date.parse(zone === undefined && text.length > 10 ? `${utc}Z` : utc)
}

function badValue(where: string, name: Name, row: number, value: unknown, accepted: string): TastespaceError {
  const message =
    `${where}: row ${row + 1}, ${name}: expected ${accepted}, not ${shown(value)}; ` +
    'to leave out such rows, give the option badRows: "skip"'
  return new TastespaceError('data/bad-row', message, { function: where, row: row + 1, column: name, accepted })
}

function mixed(row: number, name: Name, present: boolean): TastespaceError {
  const message =
    `row ${row + 1} has ${present ? 'no' : 'a'} ${name}, unlike the rows before it; all rows need a ${name}, or none` +
    (present ? '; to leave out such rows, give the option badRows: "skip"' : '')
  return new TastespaceError('data/mixed-rows', message, { row: row + 1, column: name })
}
