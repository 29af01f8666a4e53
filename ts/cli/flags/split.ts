import { InvalidArgumentError } from 'commander'
import type { Dataset, KindDescription, SplitOptions, SplitText } from '../../index.ts'

/** A way to hold rows out, as `--split` names it. */
export interface SplitSpec {
  /** As the user wrote it. */
  readonly text: SplitText
  readonly rule: Rule
  /** The number after the colon, where it is one. */
  readonly number: number | undefined
  /** The folds, where all of them are to be trained. */
  readonly folds: number | undefined
}

const RULES = ['random', 'per-user', 'leave-one-out', 'time', 'user', 'kfold'] as const
type Rule = (typeof RULES)[number]

/** Rules that draw nothing have no seed. */
const UNSEEDED: readonly Rule[] = ['leave-one-out', 'time']

/** What validates where a test file, nothing, or a fold is held out. */
const TENTH = 'random:0.1'

/** Reads the rule of a split; whether its numbers make sense the engine knows, which `rehearse` asks. */
export function splitSpec(text: string): SplitSpec {
  const rule = RULES.find((rule) => rule === text.split(/[:;]/, 1)[0])
  if (!isSplit(text) || !rule) {
    throw new InvalidArgumentError(
      'Accepted are random:0.1, per-user:0.6,0.2,0.2;min=5, leave-one-out, time:0.2, user:0.2 and kfold:5.',
    )
  }
  if (/;\s*validation\b/.test(text)) {
    throw new InvalidArgumentError('Leave out validation: train chooses that part, and none with --epochs.')
  }
  const number = /:\s*([\d.e-]+)\s*(?:;|$)/i.exec(text)?.[1]
  const spec = { text, rule, number: number === undefined ? undefined : Number(number), folds: undefined }
  if (rule !== 'kfold' || /;\s*fold\s*=/.test(text)) return spec
  if (spec.number === undefined) throw new InvalidArgumentError('Say how many folds: kfold:5.')
  return { ...spec, folds: spec.number }
}

function isSplit(text: string): text is SplitText {
  return RULES.some((rule) => text === rule || text.startsWith(`${rule}:`) || text.startsWith(`${rule};`))
}

/** How training rows are parted from what is held out. */
export interface Plan {
  readonly options: SplitOptions
  /** The names of how the test and the validation part are held out; undefined where there is none. */
  readonly test: string | undefined
  readonly validation: string | undefined
}

/**
 * Holds out a test part as asked for, and for validation a part of the rest by the same rule. `fold` is the one to hold
 * out of several.
 */
export function planOf(
  spec: SplitSpec | undefined,
  test: Dataset | undefined,
  validates: boolean,
  seed: number,
  fold?: number,
): Plan {
  if (!spec) {
    const common = { validation: validates, seed }
    const validation = validates ? TENTH : undefined
    return test
      ? { options: { by: 'file', test, ...common }, test: 'file', validation }
      : { options: { by: 'random', test: 0, ...common }, test: undefined, validation }
  }
  const { text, rule, number } = spec
  const [part, name] = validationOf(rule, number, text)
  return {
    options: {
      by: fold === undefined ? text : `${text};fold=${fold}`,
      validation: validates && part,
      ...(!UNSEEDED.includes(rule) && { seed }),
    },
    test: text,
    validation: validates ? name : undefined,
  }
}

/** What part of the rest is for validation, and what that is called. */
function validationOf(rule: Rule, number: number | undefined, text: string): [part: true | number, name: string] {
  // Rows of every user, or a row of theirs, have their rule; a tenth of the rest tells as much of a fold.
  if (rule === 'per-user' || rule === 'leave-one-out') return [true, text]
  if (rule === 'kfold') return [true, TENTH]
  // As much as for test, and a tenth where that was not said.
  return number === undefined || number === 0 ? [true, `${rule}:0.1`] : [number, text]
}

/** How ranks were counted, for models that rank: among all items but those that the user had in these parts. */
export function rankingProtocol(task: KindDescription['task'] | undefined, { validation }: Plan) {
  return task === 'ranking' ? { ranking: 'full', excluded: validation ? 'train+validation' : 'train' } : {}
}
