import { badArgument } from '../arguments.ts'
import { isDate } from '../realm.ts'
import type { FilterFields } from './generated/options.ts'

/** Which rows of a data set are kept: first by time, then by rating, then by the rows left for each user and item. */
export interface FilterOptions extends FilterFields {
  /** First time of the rows kept: seconds as in the data, or a date. Default: no bound. */
  readonly from?: number | string | Date | undefined
  /** Time that all rows kept are before. Default: no bound. */
  readonly until?: number | string | Date | undefined
}

/** The options as the engine takes them: dates as seconds. */
export function sentFilter(options: FilterOptions): object {
  return { ...options, from: seconds('from', options.from), until: seconds('until', options.until) }
}

function seconds(name: string, value: number | string | Date | undefined): number | string | undefined {
  if (!isDate(value)) return value
  if (Number.isNaN(value.getTime())) throw badArgument('filter', name, value, 'a date, text of a date, or seconds')
  return value.getTime() / 1000
}
