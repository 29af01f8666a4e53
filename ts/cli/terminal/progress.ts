/** The progress of some work, read whenever it is shown. */
export interface Progress {
  /** From 0 to 1; undefined where the end is not known. */
  readonly fraction: number | undefined
  /** Further facts, the most important first. The last are left out where there is no room. */
  readonly facts: readonly string[]
}

/** Shows progress until the returned function is called. */
export type Show = (label: string, progress: () => Progress) => () => void
