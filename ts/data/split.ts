import type { Dataset } from './dataset.ts'

/**
 * How a data set is cut into parts. What is left out has its default, and `by` may be the text that a command line takes,
 * with its numbers: `{ by: 'random:0.2', validation: true }`.
 */
export type SplitOptions = RuleOfOne | FileSplit | TextSplit

/** What the draws of a split follow from. */
interface Seeded {
  /** Default 0. */
  readonly seed?: number
}

/** What may be held out besides the test part. */
interface WithValidation {
  /** Part of what is not test that is held out for validation, 0 to below 1; true is .1. Default false. */
  readonly validation?: boolean | number
}

/** Rows drawn at random, whoever's they are. As text `random:TEST`. */
export interface RandomSplit extends Seeded, WithValidation {
  readonly by: 'random'
  /** Part of the rows that is held out for test, 0 to below 1. Default .1. */
  readonly test?: number
}

/** The same fractions of each user's rows, drawn at random. As text `per-user:TRAIN,VALIDATION,TEST`. */
export interface PerUserSplit extends Seeded {
  readonly by: 'per-user'
  /** What is for training, validation and test; adds up to 1. Default [.8, .1, .1]. */
  readonly fractions?:
    | readonly [train: number, validation: number, test: number]
    | readonly [train: number, test: number]
  /** Users with fewer rows are left out of all parts. Default 1: none is. */
  readonly min?: number
  /**
   * Default: what `fractions` says. False gives that to training; a number is a part of what is not test, and so is the
   * tenth that true stands for where `fractions` has no validation part.
   */
  readonly validation?: boolean | number
}

/** Each user's last row for test; users with one row stay in training. */
export interface LeaveOneOutSplit {
  readonly by: 'leave-one-out'
  /** Whether the row before it is held out for validation, of users with three rows or more. Default false. */
  readonly validation?: boolean
  /** What "last" means: by time, which the data has to have, or by the order of the rows. Default time. */
  readonly order?: 'time' | 'rows'
}

/** The latest rows, whoever's they are: the data has to have times. As text `time:TEST`. */
export interface TimeSplit extends WithValidation {
  readonly by: 'time'
  /** Part of the rows that is held out for test, 0 to below 1. Default .1. */
  readonly test?: number
}

/** Whole users: what a model does for people that it was not trained on. As text `user:TEST`. */
export interface UserSplit extends Seeded, WithValidation {
  readonly by: 'user'
  /** Part of the users that is held out for test, 0 to below 1. Default .1. */
  readonly test?: number
  /**
   * Share of each held-out user's rows that is given, to serve them from, 0 to below 1: drawn at random, rounded down.
   * It comes as `testGiven`, the others as `test`. Default .5.
   */
  readonly given?: number
}

/** One of several parts of the shuffled rows. As text `kfold:FOLDS`. */
export interface KfoldSplit extends Seeded, WithValidation {
  readonly by: 'kfold'
  /** Number of parts, 2 to 1000. Default 5. */
  readonly folds?: number
  /** The part for test, 0 to `folds` − 1. Default 0. */
  readonly fold?: number
}

/** A data set of one's own as the test part: the catalogue becomes the union of both. */
export interface FileSplit extends Seeded, WithValidation {
  readonly by: 'file'
  readonly test: Dataset
}

/** A rule as text. What the text says stands over what stands beside it. */
export interface TextSplit extends Seeded, WithValidation {
  readonly by: SplitText
}

/** A rule, perhaps with its numbers and options: `per-user:0.6,0.2,0.2;min=5`. */
export type SplitText = `${RuleOfOne['by']}${'' | `:${string}` | `;${string}`}`

/** The rules that take one data set. */
type RuleOfOne = RandomSplit | PerUserSplit | LeaveOneOutSplit | TimeSplit | UserSplit | KfoldSplit
