import { InvalidArgumentError } from 'commander'
import {
  type Complete,
  checkOptions,
  type Dataset,
  type Engine,
  type SplitOptions,
  type SplitRule,
  type SplitText,
  type Task,
  TastespaceError,
} from '../../index.ts'
import { misuse } from '../terminal/failure.ts'

const RULES: readonly SplitRule['by'][] = ['random', 'per-user', 'leave-one-out', 'time', 'user', 'kfold']

/** The fraction that validates where a test file, nothing, or a fold is held out. */
const TENTH = 'random:0.1'

/** A split as `--split` gives it, and as the engine reads it. */
export interface SplitSpec {
  /** As the user wrote it. */
  readonly text: SplitText
  readonly rule: Complete<SplitRule>
  /** The number of folds, where each of them is held out in turn. */
  readonly folds: number | undefined
}

/** The value of `--split`, whose numbers and options the engine checks. */
export function splitText(text: string): SplitText {
  if (isSplit(text)) return text
  throw new InvalidArgumentError(
    'Accepted are random:0.1, per-user:0.6,0.2,0.2;min=5, leave-one-out, time:0.2, user:0.2 and kfold:5.',
  )
}

function isSplit(text: string): text is SplitText {
  return RULES.some((rule) => text === rule || text.startsWith(`${rule}:`) || text.startsWith(`${rule};`))
}

/** Has the engine read and check a split, before any file is read. */
export async function splitSpec(engine: Engine, text: SplitText): Promise<SplitSpec> {
  const rule = await checkOptions('split', text, { engine }).catch((error: unknown) => {
    if (!(error instanceof TastespaceError)) throw error
    throw new TastespaceError(error.code, `--split ${text}: ${error.message}`, error.details)
  })
  if (/;\s*validation\b/.test(text)) {
    throw misuse(
      `--split ${text}: Leave out validation: that part is chosen by the command, and with --epochs there is none`,
    )
  }
  const folds = rule.by === 'kfold' && !/;\s*fold\s*=/.test(text) ? rule.folds : undefined
  if (folds !== undefined && !text.startsWith('kfold:')) {
    throw misuse(`--split ${text}: Say how many folds: kfold:5`)
  }
  return { text, rule, folds }
}

/** How a command splits its data. */
export interface Plan {
  readonly options: SplitOptions
  /** How the test and the validation part are held out; undefined where there is none. */
  readonly test: string | undefined
  readonly validation: string | undefined
}

/**
 * Holds out the test part that is asked for, and a validation part of the rest by the same rule. `fold` is the one to hold
 * out of several.
 */
export function planOf(
  spec: SplitSpec | undefined,
  test: Dataset | undefined,
  validates: boolean,
  seed: number,
  fold?: number,
): Plan {
  const validation = validates ? TENTH : undefined
  if (!spec && test) return { options: { by: 'file', test, validation: validates, seed }, test: 'file', validation }
  if (!spec) return { options: { by: 'random', test: 0, validation: validates, seed }, test: undefined, validation }
  const { text, rule } = spec
  const [part, name] = validationOf(spec)
  const seeded = rule.by !== 'leave-one-out' && rule.by !== 'time'
  return {
    options: {
      by: fold === undefined ? text : `${text};fold=${fold}`,
      validation: validates && part,
      ...(seeded && { seed }),
    },
    test: text,
    validation: validates ? name : undefined,
  }
}

/** The fraction of the rest that validates, and its name. */
function validationOf({ rule, text }: SplitSpec): [part: true | number, name: string] {
  // By the same rule where it is about the rows of every user; a tenth of the rest is enough for a fold.
  if (rule.by === 'per-user' || rule.by === 'leave-one-out') return [true, text]
  if (rule.by === 'kfold') return [true, TENTH]
  // As much as for test, or a tenth where the text does not say how much.
  return rule.test > 0 && text.startsWith(`${rule.by}:`) ? [rule.test, text] : [true, `${rule.by}:0.1`]
}

/** How ranks are counted: among all items but the user's items in these parts. */
export function rankingProtocol(task: Task, { validation }: Plan) {
  return task === 'ranking' ? { ranking: 'full', excluded: validation ? 'train+validation' : 'train' } : {}
}
