import { InvalidArgumentError } from 'commander'
import type { Dataset, SplitOptions } from '../index.ts'

/** A way to hold rows out, as `--split` names it. */
export interface SplitSpec {
  /** As the user wrote it. */
  readonly text: string
  /** Part of the rows that is held out. */
  readonly fraction: number
}

/** What validates where a test file, or nothing, is held out: a tenth of the rows. */
const TENTH: SplitSpec = { text: 'random:0.1', fraction: 0.1 }

/** Reads `random:FRACTION`. */
export function splitSpec(text: string): SplitSpec {
  const [, digits] = /^random:(\d*\.?\d+(?:e-?\d+)?)$/i.exec(text) ?? []
  const fraction = Number(digits)
  if (fraction > 0 && fraction < 1) return { text, fraction }
  throw new InvalidArgumentError('Accepted is random:FRACTION with a fraction between 0 and 1, such as random:0.1.')
}

/** How training rows are parted from what is held out. */
export interface Plan {
  readonly options: SplitOptions
  /** The names of how the test and the validation part are held out; undefined where there is none. */
  readonly test: string | undefined
  readonly validation: string | undefined
}

/** Holds out a test part as asked for, and for validation a part of the rest by the same rule. */
export function planOf(spec: SplitSpec | undefined, test: Dataset | undefined, validates: boolean, seed: number): Plan {
  const rule = spec ?? TENTH
  const common = { validation: validates && rule.fraction, seed }
  return {
    options: test ? { by: 'file', test, ...common } : { by: 'random', test: spec?.fraction ?? 0, ...common },
    test: test ? 'file' : spec?.text,
    validation: validates ? rule.text : undefined,
  }
}
