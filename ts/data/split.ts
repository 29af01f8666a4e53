/** What the random choices of a split depend on. */
interface Seeded {
  /** Default 0. */
  readonly seed?: number | undefined
}

/** A validation part besides the test part. */
interface WithValidation {
  /** Fraction of the rows outside the test part that is held out for validation, 0 to below 1; true is .1. Default false. */
  readonly validation?: boolean | number | undefined
}

/** Rows chosen at random, of all users together. As text `random:TEST`. */
export interface RandomSplit extends Seeded, WithValidation {
  readonly by: 'random'
  /** Fraction of the rows that is held out for test, 0 to below 1. Default .1. */
  readonly test?: number | undefined
}

/** The same fractions of the rows of each user, chosen at random. As text `per-user:TRAIN,VALIDATION,TEST`. */
export interface PerUserSplit extends Seeded {
  readonly by: 'per-user'
  /** Fractions for training, validation and test. They add up to 1. Default [.8, .1, .1]. */
  readonly fractions?:
    | readonly [train: number, validation: number, test: number]
    | readonly [train: number, test: number]
    | undefined
  /** Users with fewer rows are left out of all parts. Default 1: no user is. */
  readonly min?: number | undefined
  /**
   * Default: the validation part of `fractions`. False adds it to training. A number is a fraction of the rows outside the
   * test part; true is .1 where `fractions` has no validation part.
   */
  readonly validation?: boolean | number | undefined
}

/** The last row of each user for test; users with one row stay in training. As text `leave-one-out`. */
export interface LeaveOneOutSplit {
  readonly by: 'leave-one-out'
  /** Whether the row before it is held out for validation, for users with three rows or more. Default false. */
  readonly validation?: boolean | undefined
  /** What "last" means: by time, which the data has to have, or by the order of the rows. Default `time`. */
  readonly order?: 'time' | 'rows' | undefined
}

/** The latest rows of all users together. The data has to have times. As text `time:TEST`. */
export interface TimeSplit extends WithValidation {
  readonly by: 'time'
  /** Fraction of the rows that is held out for test, 0 to below 1. Default .1. */
  readonly test?: number | undefined
}

/** Whole users, to measure a model on users that it was not trained on. As text `user:TEST`. */
export interface UserSplit extends Seeded, WithValidation {
  readonly by: 'user'
  /** Fraction of the users that is held out for test, 0 to below 1. Default .1. */
  readonly test?: number | undefined
  /**
   * Fraction of the rows of each held-out user that is given to the model as their history, 0 to below 1: chosen at random,
   * rounded down. These rows are the part `testGiven`, the others are `test`. Default .5.
   */
  readonly given?: number | undefined
}

/** One of several folds of the shuffled rows. As text `kfold:FOLDS`. */
export interface KfoldSplit extends Seeded, WithValidation {
  readonly by: 'kfold'
  /** Number of folds, 2 to 1000. Default 5. */
  readonly folds?: number | undefined
  /** The fold for test, 0 to `folds` − 1. Default 0. */
  readonly fold?: number | undefined
}

/** A split of one data set. */
export type SplitRule = RandomSplit | PerUserSplit | LeaveOneOutSplit | TimeSplit | UserSplit | KfoldSplit

/** A split as text, with its numbers and options: `per-user:0.6,0.2,0.2;min=5`. */
export type SplitText = `${SplitRule['by']}${'' | `:${string}` | `;${string}`}`

/** A split whose `by` is the text that the command line takes. The text takes precedence over the options beside it. */
export interface TextSplit extends Seeded, WithValidation {
  readonly by: SplitText
}

/** Whether a split certainly has a test part: it has unless its fraction is 0 or not known. */
export type HasTest<Split> = Split extends string
  ? Split extends `${string}:0`
    ? false
    : true
  : Split extends { readonly by: 'random' | 'time' | 'user'; readonly test: infer Fraction }
    ? IsPositive<Fraction>
    : true

/** Whether a split certainly has a validation part. */
export type HasValidation<Split> = Split extends string
  ? Split extends `per-user:${number},${number},${number}${string}` | `${string};validation=true${string}`
    ? true
    : false
  : Split extends { readonly validation: infer Wanted }
    ? Wanted extends boolean
      ? [Wanted] extends [true]
        ? true
        : false
      : IsPositive<Wanted>
    : Split extends { readonly by: 'per-user'; readonly fractions: readonly [number, number] }
      ? false
      : Split extends { readonly by: 'per-user' }
        ? true
        : Split extends { readonly by: infer Text extends string }
          ? Text extends `${string}:${string}` | `${string};${string}`
            ? HasValidation<Text>
            : false
          : false

/** Whether a type is a number that is known and not 0. */
type IsPositive<Value> = Value extends number ? (number extends Value ? false : Value extends 0 ? false : true) : false
