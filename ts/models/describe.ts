import type { RemoteEngine } from '../engine/remote.ts'
import { sharedEngine } from '../platform/platform.ts'

/** An option of a model kind. */
export interface OptionDescription {
  readonly name: string
  readonly type: 'integer' | 'number' | 'boolean' | 'choice'
  readonly min?: number
  readonly max?: number
  readonly choices?: readonly string[]
  /** null where the value is taken from another option, `or`. */
  readonly default: number | boolean | string | null
  readonly or?: string
  /** Meaning and unit. */
  readonly doc: string
}

/** Options under one name, which `preset` starts from. */
export interface PresetDescription {
  readonly name: string
  /** What it is. */
  readonly doc: string
  /** The options that are not at their defaults. */
  readonly options: Readonly<Record<string, unknown>>
}

/** A kind of model. */
export interface KindDescription {
  readonly kind: string
  readonly summary: string
  /** The paper. */
  readonly source: string
  readonly task: 'rating' | 'ranking'
  /** Whether the order of a person's rows counts: it learns what comes next. */
  readonly sequential: boolean
  /** Most epochs that are tried where none are asked for. */
  readonly epochs: number
  /** Epochs without a better validation that end training. */
  readonly patience: number
  readonly options: readonly OptionDescription[]
  readonly presets: readonly PresetDescription[]
}

/** The engine's version and what it can train. */
export interface Description {
  readonly version: string
  /** Version of the model files that are written. */
  readonly format: number
  readonly models: readonly KindDescription[]
}

const known = new WeakMap<RemoteEngine, Promise<Description>>()

/** Every kind of model with its options, their ranges and defaults. */
export async function describe(engine?: RemoteEngine): Promise<Description> {
  const asked = engine ?? (await sharedEngine())
  const description = known.get(asked) ?? asked.call('describe').then((text): Description => JSON.parse(text))
  known.set(asked, description)
  return description
}
