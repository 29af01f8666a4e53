import type {
  FileSplitFields,
  KfoldSplit,
  LeaveOneOutSplit,
  PerUserSplit,
  RandomSplit,
  TimeSplit,
  UserSplit,
} from './generated/options.ts'

export type { KfoldSplit, LeaveOneOutSplit, PerUserSplit, RandomSplit, TimeSplit, UserSplit }

/** A split of one data set. */
export type SplitRule = RandomSplit | PerUserSplit | LeaveOneOutSplit | TimeSplit | UserSplit | KfoldSplit

/** A split as text, with its numbers and options: `per-user:0.6,0.2,0.2;min=5`. */
export type SplitText = `${SplitRule['by']}${'' | `:${string}` | `;${string}`}`

/** A split whose `by` is the text that the command line takes. The text takes precedence over the options beside it. */
export interface TextSplit extends Omit<FileSplitFields, 'by'> {
  readonly by: SplitText
}

/** Whether a split by a rule, or by its text, samples rows, so that it takes a seed. */
export function isSeeded(by: string): boolean {
  return !/^(leave-one-out|time)\b/.test(by)
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
