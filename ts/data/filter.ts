/** Which rows of a data set are kept: first by time, then by rating, then by the rows left for each user and item. */
export interface FilterOptions {
  /** First time of the rows kept: seconds as in the data, or a date. Default: no bound. */
  readonly from?: number | string | Date | undefined
  /** Time that all rows kept are before. Default: no bound. */
  readonly until?: number | string | Date | undefined
  /** Lowest rating of the rows kept, which become implicit feedback without ratings. Default: all, with their ratings. */
  readonly positiveThreshold?: number | undefined
  /**
   * k-core filtering: users and items with fewer than this number of rows are removed, repeatedly, until all users and items
   * left have as many. Default 0.
   */
  readonly core?: number | undefined
}

/** The options as the engine takes them: dates as seconds. */
export function sentFilter(options: FilterOptions): object {
  return { ...options, from: seconds(options.from), until: seconds(options.until) }
}

function seconds(value: number | string | Date | undefined): number | string | undefined {
  return value instanceof Date ? value.getTime() / 1000 : value
}
