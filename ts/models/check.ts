import { badArgument, checkOptions as checkSettings, jsonText } from '../arguments.ts'
import type { SplitRule } from '../data/split.ts'
import type { Checked } from '../engine/calls.ts'
import type { Engine } from '../engine/engine.ts'
import { engineOf } from '../platform/platform.ts'

/** Options with all their values. */
export type Complete<Options> = Options extends object
  ? { readonly [Name in keyof Options]-?: Exclude<Options[Name], undefined> }
  : never

/** What options are checked for. */
export interface CheckOptions {
  /** The kind of model: required for `model`; for `fit` and `evaluate` it decides which metrics there are. */
  readonly kind?: string | undefined
  /** The engine that checks. Default: the shared engine. */
  readonly engine?: Engine | undefined
}

/**
 * Checks options without computing anything, before hours of work: those of a `model`, of `fit`, `recommend`, `similar`,
 * `evaluate`, `resample`, `split`, `filter`, of reading (`read`) and so on. Returns them with their defaults filled in, or
 * null where defaults depend on the data.
 *
 * @example
 * await checkOptions('model', { factors: 32 }, { kind: 'cml' })
 * const { by, fractions } = await checkOptions('split', 'per-user:0.6,0.2,0.2')
 *
 * @throws `config/…`, `data/…` for invalid options
 */
export function checkOptions(what: 'split', options: unknown, settings?: CheckOptions): Promise<Complete<SplitRule>>
export function checkOptions(what: Checked, options: unknown, settings?: CheckOptions): Promise<object | null>
export async function checkOptions(
  what: Checked,
  options: unknown,
  settings: CheckOptions = {},
): Promise<object | null> {
  const { kind, engine } = checkSettings('checkOptions', settings, 'settings')
  if (typeof what !== 'string') throw badArgument('checkOptions', 'what', what, "a name such as 'model' or 'split'")
  if (kind !== undefined && typeof kind !== 'string') {
    throw badArgument('checkOptions', 'kind', kind, 'the name of a kind of model')
  }
  const client = await engineOf(engine)
  return JSON.parse(await client.call('check', what, kind, jsonText('checkOptions', options)))
}
