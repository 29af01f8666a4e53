/** How far some work has come, asked for whenever it is shown. */
export interface Progress {
  /** From 0 to 1; undefined where the end is not known. */
  readonly fraction: number | undefined
  /** What else there is to say, the most important first: where there is no room the last are left out. */
  readonly facts: readonly string[]
}

/** Something that shows progress until it is told that the work is over, done or not. */
export type Show = (label: string, progress: () => Progress) => () => void
