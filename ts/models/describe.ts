import type { Checked } from '../engine/calls.ts'
import type { Engine } from '../engine/engine.ts'
import { TastespaceError } from '../errors.ts'
import { engineOf } from '../platform/platform.ts'
import type { Kind } from './generated/names.ts'

/** An option of a kind of model, or of a call. */
export interface OptionDescription {
  readonly name: string
  readonly type: 'integer' | 'integers' | 'number' | 'boolean' | 'choice' | 'text' | 'texts' | 'text-lists' | 'shape'
  /** Smallest value of an integer, of each of several integers, or of a number. */
  readonly min?: number
  /** Largest value. */
  readonly max?: number
  /** Bound that the value stays below. */
  readonly below?: number
  /** The values of a choice. */
  readonly choices?: readonly string[]
  /** Accepted values in words, for texts and shapes. */
  readonly expected?: string
  /** The TypeScript type of a shape. */
  readonly typescript?: string
  readonly default: unknown
  /** Meaning of the default null: the name of another option, whose value is used, or a description. */
  readonly or?: string
  /** Meaning and unit. */
  readonly doc: string
}

/** A named set of options, which the option `preset` starts from. */
export interface PresetDescription {
  readonly name: string
  readonly doc: string
  /** The options that differ from their defaults. */
  readonly options: Readonly<Record<string, unknown>>
}

/** The values of an option that `tune` tries by default: from `low` to `high`, or one of `choices`. */
export interface SearchRange {
  /** Name of the option. */
  readonly name: string
  readonly low?: number
  readonly high?: number
  /** Whether values are tried uniformly in their logarithm. */
  readonly log?: boolean
  readonly choices?: readonly unknown[]
  /** The choices of other options that this one has an effect with. */
  readonly when?: Readonly<Record<string, unknown>>
}

/** An option that `fit` chooses together with the number of epochs: it trains a model with each of a few values, and keeps the best on validation. */
export interface ChosenOption {
  /** Name of the option, whose default is null. */
  readonly option: string
  /** The values. A training with a given number of epochs takes the first. */
  readonly values: readonly number[]
}

/** Predicting ratings, or ranking items. */
export type Task = 'rating' | 'ranking'

/** A kind of model. */
export interface KindDescription {
  readonly kind: Kind
  readonly summary: string
  /** The paper. */
  readonly source: string
  readonly task: Task
  /** Whether the order of a user's interactions matters: it predicts the next one. */
  readonly sequential: boolean
  /** Largest number of epochs that `fit` trains unless told otherwise. */
  readonly epochs: number
  /** Number of epochs without improvement on validation that end training. */
  readonly patience: number
  /** Training rows to process, each counted every time, before this patience can end training. A given patience always can. */
  readonly patienceAfter: number
  readonly options: readonly OptionDescription[]
  readonly presets: readonly PresetDescription[]
  /** The options that `tune` varies. */
  readonly search: readonly SearchRange[]
  /** The option that `fit` chooses by validation where no value is given; null for most kinds. */
  readonly chosen: ChosenOption | null
}

/** The options of calls, by the names that `checkOptions` takes. */
export type CallDescriptions = Readonly<Record<Exclude<Checked, 'model' | 'split'>, readonly OptionDescription[]>> & {
  /** The rules of splits with their options. */
  readonly split: readonly {
    readonly rule: string
    readonly doc: string
    readonly options: readonly OptionDescription[]
  }[]
}

/** The engine's version, the kinds of models, and the options of calls. */
export interface Description {
  readonly version: string
  /** Version of the model files that are written. */
  readonly format: number
  readonly models: readonly KindDescription[]
  readonly options: CallDescriptions
}

const known = new WeakMap<Engine, Promise<Description>>()

/**
 * Every kind of model with its options, their ranges and defaults.
 *
 * @example
 * const { models } = await describe()
 * const { options } = models.find(({ kind }) => kind === 'cml')
 */
export async function describe(engine?: Engine): Promise<Description> {
  const client = await engineOf(engine)
  const description = known.get(client) ?? client.call('describe').then((text): Description => JSON.parse(text))
  known.set(client, description)
  return description
}

/** Whether a kind is computed in one step: it has no epochs that validation could choose. */
export function isOneStep({ epochs }: KindDescription): boolean {
  return epochs === 1
}

/** One kind of model. */
export async function describeKind(engine: Engine, kind: string): Promise<KindDescription> {
  const { models } = await describe(engine)
  const found = models.find((model) => model.kind === kind)
  if (found) return found
  const accepted = models.map((model) => model.kind)
  const message = `unknown model kind '${kind}': expected one of ${accepted.join(', ')}`
  throw new TastespaceError('config/unknown-kind', message, { kind, accepted })
}
