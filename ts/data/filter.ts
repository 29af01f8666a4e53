/** Which rows of a data set are let through: first by time, then by rating, then by what users and items have left. */
export interface FilterOptions {
  /** The first moment of those let through: seconds as the data has them, or a date. Default: no bound. */
  readonly from?: number | string | Date
  /** The moment that all of them come before. Default: no bound. */
  readonly until?: number | string | Date
  /** The least rating of those let through, which become choices without a rating. Default: none, and ratings stay. */
  readonly positiveThreshold?: number
  /**
   * Rows that every user and every item has at least: those with fewer are removed, and those that have fewer then, and
   * so on. Default 0.
   */
  readonly core?: number
}

/** As the engine takes them: dates as seconds. */
export function sentFilter({ from, until, ...options }: FilterOptions): object {
  return {
    ...options,
    ...(from !== undefined && { from: moment(from) }),
    ...(until !== undefined && { until: moment(until) }),
  }
}

function moment(value: number | string | Date): number | string {
  return value instanceof Date ? value.getTime() / 1000 : value
}
