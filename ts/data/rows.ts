import { badArgument, isPlain, isRecord, shown } from '../arguments.ts'
import type { Rows } from '../engine/calls.ts'
import { TastespaceError } from '../errors.ts'
import { isDate, isTyped } from '../realm.ts'
import { integerIds, Nulls, ROLES, type Role } from './columns.ts'
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

/** Columns whose ratings and times may be missing in some rows. */
export interface Columns extends Pick<RowColumns, 'user' | 'item'> {
  readonly rating?: ArrayLike<Row['rating']> | undefined
  readonly time?: ArrayLike<Row['time']> | undefined
}

/** How a batch of rows is read. */
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
export function columnsOf(rows: readonly Row[], { where, before }: RowRules): Columns {
  const columns = {
    user: new Array<Id>(rows.length),
    item: new Array<Id>(rows.length),
    rating: new Array<Row['rating']>(rows.length),
    time: new Array<Row['time']>(rows.length),
  }
  rows.forEach((row, index) => {
    if (!isRecord(row)) {
      throw badArgument(where, `row ${before + index + 1}`, row, 'an object { user, item, rating, time }')
    }
    const key = unknownKey(row)
    if (key !== undefined) throw unknownField(where, `row ${before + index + 1}`, key)
    columns.user[index] = row.user
    columns.item[index] = row.item
    columns.rating[index] = row.rating
    columns.time[index] = row.time
  })
  return columns
}

/** The first other field of a row, or of columns: the column of times under another name, for example. */
function unknownKey(fields: object): string | undefined {
  for (const key in fields) if (!ROLES.some((role) => role === key)) return key
  return undefined
}

function unknownField(where: string, name: string, key: string): TastespaceError {
  const message = `${where}: ${name} has the unknown key '${key}'; accepted: ${ROLES.join(', ')}`
  return new TastespaceError('config/unknown-key', message, { function: where, key, accepted: ROLES })
}

/** Refuses columns that are none or that differ in length, and returns the number of rows. */
export function checkColumns(columns: RowColumns): number {
  if (!isPlain(columns)) throw badArgument('fromColumns', 'columns', columns, 'an object { user, item, rating, time }')
  const lengthOf = (name: Role): number | undefined => {
    const column: unknown = columns[name]
    if (column === undefined && (name === 'rating' || name === 'time')) return undefined
    if (typeof column === 'object' && column !== null && 'length' in column && typeof column.length === 'number') {
      return column.length
    }
    throw badArgument('fromColumns', `column ${name}`, column, 'an array')
  }
  const key = unknownKey(columns)
  if (key !== undefined) throw unknownField('fromColumns', 'columns', key)
  const rows = lengthOf('user') ?? 0
  for (const column of ROLES) {
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
export function packRows({ user, item, rating = [], time = [] }: Columns, rules: RowRules): Rows {
  const nulls = new Nulls(user.length)
  const dated = isNumeric(time) ? undefined : hasDates(time)
  const users = packColumn('user', user, nulls, rules)
  const items = packColumn('item', item, nulls, rules)
  const ratings = fill('rating', rating, (rows) => new Float32Array(rows), numberOfRating, nulls, rules)
  const times = fill('time', time, (rows) => new Float64Array(rows), dated ? secondsOf : numberOfTime, nulls, rules)
  return { users, items, ratings, times, dated, ...nulls.bits() }
}

function packColumn(name: 'user' | 'item', column: ArrayLike<Id>, nulls: Nulls, { where, skip, before }: RowRules) {
  const integers = integerIds(column)
  if (integers) return integers
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

/** Whether a column is a typed array of numbers, which has no missing or wrong values. */
function isNumeric(column: ArrayLike<unknown>): boolean {
  return ArrayBuffer.isView(column) && !isTyped(column, 'BigInt64Array') && !isTyped(column, 'BigUint64Array')
}

/** Whether some times are dates, not numbers. */
function hasDates(times: ArrayLike<unknown>): boolean {
  return Array.prototype.some.call(times, (time) => isDate(time) || typeof time === 'string')
}

/** The numbers of a column. Missing ones are marked; a column of missing ones only is no column. */
function fill<Numbers extends Float32Array | Float64Array>(
  name: 'rating' | 'time',
  column: ArrayLike<unknown>,
  sized: (rows: number) => Numbers,
  read: (value: unknown) => number | undefined,
  nulls: Nulls,
  { where, skip, before, has }: RowRules,
): Numbers {
  const first = Array.prototype.findIndex.call(column, (value) => value !== null && value !== undefined)
  has[name] ??= first >= 0
  if (!has[name]) {
    if (first >= 0) throw mixed(before + first, name, false)
    return sized(0)
  }
  const numbers = sized(column.length)
  if (isNumeric(column)) {
    numbers.set(column as ArrayLike<number>)
    return numbers
  }
  for (let row = 0; row < column.length; row++) {
    const value = column[row]
    if (value === undefined && !skip) throw mixed(before + row, name, true)
    const missing = value === null || value === undefined
    const number = missing ? undefined : read(value)
    if (number === undefined && !missing && !skip) throw badValue(where, name, before + row, value, ACCEPTED[name])
    if (number === undefined || (skip && Number.isNaN(number))) nulls.add(name, row)
    else numbers[row] = number
  }
  return numbers
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

/** Units of times: the limit below which numbers are of a unit, and how many of it are a second. */
const UNITS = [
  [1e11, 1],
  [1e14, 1e3],
  [1e17, 1e6],
] as const

/** A date, or a date and a time of day. Without a zone it is UTC. */
const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?( ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?)?$/

function secondsOf(value: unknown): number | undefined {
  const number = numberOfTime(value)
  // Numbers among dates: in the unit that makes them a date after 1973, as the engine finds it.
  if (number !== undefined) return number / (UNITS.find(([limit]) => Math.abs(number) < limit)?.[1] ?? 1e9)
  const date = isDate(value) ? value.getTime() : milliseconds(value)
  return date === undefined || Number.isNaN(date) ? undefined : date / 1000
}

function milliseconds(value: unknown): number | undefined {
  const [text, zone] = typeof value === 'string' ? (ISO.exec(value.trim()) ?? []) : []
  if (text === undefined) return undefined
  const utc = text
    .replace(' ', 'T')
    .replace(/ ?UTC$/, 'Z')
    .replace(' ', '')
  return Date.parse(zone === undefined && text.length > 10 ? `${utc}Z` : utc)
}

function badValue(where: string, name: Role, row: number, value: unknown, accepted: string): TastespaceError {
  const message =
    `${where}: row ${row + 1}, ${name}: expected ${accepted}, not ${shown(value)}; ` +
    'to leave out such rows, give the option badRows: "skip"'
  return new TastespaceError('data/bad-row', message, { function: where, row: row + 1, column: name, accepted })
}

function mixed(row: number, name: Role, present: boolean): TastespaceError {
  const message =
    `row ${row + 1} has ${present ? 'no' : 'a'} ${name}, unlike the rows before it; all rows need a ${name}, or none` +
    (present ? '; to leave out such rows, give the option badRows: "skip"' : '')
  return new TastespaceError('data/mixed-rows', message, { row: row + 1, column: name })
}
