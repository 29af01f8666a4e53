import type { Handle } from '../engine/engine.ts'
import type { RemoteEngine } from '../engine/remote.ts'
import { TastespaceError } from '../errors.ts'
import { type Id, packIds } from './ids.ts'

/** A rating or a choice. All rows have a rating or none has, and so for times. */
export interface Row {
  readonly user: Id
  readonly item: Id
  readonly rating?: number
  /** Seconds of any epoch, or a date. */
  readonly time?: number | Date
}

/** Rows as columns of one length. */
export interface RowColumns {
  readonly user: ArrayLike<Id>
  readonly item: ArrayLike<Id>
  readonly rating?: ArrayLike<number>
  /** In seconds, of any epoch. */
  readonly time?: ArrayLike<number>
}

/** Rows as columns. `before` rows came earlier, for the numbers in errors. */
export function columnsOf(rows: readonly Row[], before: number): RowColumns {
  const first = rows[0]
  const column = <Name extends 'rating' | 'time'>(name: Name) => {
    const present = first?.[name] !== undefined
    rows.forEach((row, index) => {
      if ((row[name] !== undefined) === present) return
      const message = `row ${before + index + 1} has ${present ? 'no' : 'a'} ${name}, unlike those before it`
      throw new TastespaceError('data/mixed-rows', message, { row: before + index + 1, column: name })
    })
    return present ? { [name]: rows.map((row) => seconds(row[name])) } : {}
  }
  return {
    user: rows.map((row) => row.user),
    item: rows.map((row) => row.item),
    ...column('rating'),
    ...column('time'),
  }
}

function seconds(value: number | Date | undefined): number {
  return value instanceof Date ? value.getTime() / 1000 : Number(value)
}

/** The rows `from..to`. */
export function sliced({ user, item, rating, time }: RowColumns, from: number, to: number): RowColumns {
  const cut = <T>(column: ArrayLike<T>): T[] => Array.prototype.slice.call(column, from, to)
  return {
    user: cut(user),
    item: cut(item),
    ...(rating && { rating: cut(rating) }),
    ...(time && { time: cut(time) }),
  }
}

/** Sends rows to a data set that is being filled. */
export function append(engine: RemoteEngine, dataset: Handle, columns: RowColumns): Promise<void> {
  const users = packIds(Array.from(columns.user))
  const items = packIds(Array.from(columns.item))
  const ratings = Float32Array.from(columns.rating ?? [])
  return engine.call('appendRows', dataset, users, items, ratings, Float64Array.from(columns.time ?? []))
}
