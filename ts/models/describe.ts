import type { Engine } from '../engine/engine.ts'
import { TastespaceError } from '../errors.ts'
import { engineOf } from '../platform/platform.ts'
import type { Kind } from './generated/names.ts'

/** An option of a kind of model. */
export interface OptionDescription {
  readonly name: string
  readonly type: 'integer' | 'integers' | 'number' | 'boolean' | 'choice' | 'text' | 'texts' | 'text-lists'
  /** Smallest value of an integer, of each of several integers, or of a number. */
  readonly min?: number
  /** Largest value. */
  readonly max?: number
  /** The values of a choice. */
  readonly choices?: readonly string[]
  /** What a text is to be, in words. */
  readonly expected?: string
  /** Null where the value of the option `or` is used. */
  readonly default: number | boolean | string | readonly number[] | readonly string[] | null
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

/** A kind of model. */
export interface KindDescription {
  readonly kind: Kind
  readonly summary: string
  /** The paper. */
  readonly source: string
  readonly task: 'rating' | 'ranking'
  /** Whether the order of a user's interactions matters: it predicts the next one. */
  readonly sequential: boolean
  /** Largest number of epochs that `fit` trains unless told otherwise. */
  readonly epochs: number
  /** Number of epochs without improvement on validation that end training. */
  readonly patience: number
  readonly options: readonly OptionDescription[]
  readonly presets: readonly PresetDescription[]
}

/** The engine's version and the kinds of models. */
export interface Description {
  readonly version: string
  /** Version of the model files that are written. */
  readonly format: number
  readonly models: readonly KindDescription[]
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

/** One kind of model. */
export async function describeKind(engine: Engine, kind: string): Promise<KindDescription> {
  const { models } = await describe(engine)
  const found = models.find((model) => model.kind === kind)
  if (found) return found
  const accepted = models.map((model) => model.kind)
  const message = `there is no model kind '${kind}': the kinds are ${accepted.join(', ')}`
  throw new TastespaceError('config/unknown-kind', message, { kind, accepted })
}
