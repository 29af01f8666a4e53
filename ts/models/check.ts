import { badArgument, checkKeys, isRecord, jsonText, keysOf } from '../arguments.ts'
import { Dataset } from '../data/dataset.ts'
import { FEATURES_KEYS, READ_KEYS } from '../data/read.ts'
import type { SplitRule } from '../data/split.ts'
import { SYNTHETIC_KEYS } from '../data/synthetic.ts'
import type { Checked } from '../engine/calls.ts'
import type { Engine } from '../engine/engine.ts'
import { EVALUATE_KEYS } from '../evaluation/metrics.ts'
import { INTERVAL_KEYS } from '../evaluation/resampling.ts'
import { engineOf } from '../platform/platform.ts'
import { describe } from './describe.ts'
import { checkCounts, FIT_KEYS } from './fit.ts'
import type { Kind } from './generated/names.ts'
import { RECOMMEND_KEYS, sentRecommend } from './queries.ts'

/** Options with all their values. */
export type Complete<Options> = Options extends object
  ? { readonly [Name in keyof Options]-?: Exclude<Options[Name], undefined> }
  : never

/** What options are checked for. */
export interface CheckOptions {
  /** The kind of model: required for `model`; for `fit`, `evaluate` and `save` it decides what
   * is accepted. */
  readonly kind?: Kind | undefined
  /** The engine that checks. Default: the shared engine. */
  readonly engine?: Engine | undefined
}

const SETTINGS_KEYS = keysOf<CheckOptions>({ kind: true, engine: true })

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
  const { kind, engine } = checkKeys('checkOptions', settings, SETTINGS_KEYS, 'settings')
  if (typeof what !== 'string') throw badArgument('checkOptions', 'what', what, "a name such as 'model' or 'split'")
  if (kind !== undefined && typeof kind !== 'string') {
    throw badArgument('checkOptions', 'kind', kind, 'the name of a kind of model')
  }
  const client = await engineOf(engine)
  const ask = async (sent: unknown): Promise<object | null> =>
    JSON.parse(await client.call('check', what, kind, jsonText('checkOptions', sent)))
  if (what === 'split' && isRecord(options) && options.by === 'file') {
    const { test, ...rest } = options
    if (test !== undefined && !(test instanceof Dataset)) throw badArgument('split', 'test', test, 'a Dataset')
    return { ...(await ask(rest)), ...(test && { test }) }
  }
  const accepted = KEYS.get(what)
  if (!accepted || !isRecord(options) || what === 'model' || what === 'split') return ask(options)
  checkKeys(what, options, accepted)
  if (what === 'recommend') return ask(sentRecommend(what, options))
  if (what === 'fit') checkCounts(what, options)
  // The engine checks its own options. Data sets, sources, callbacks and engines are returned as they are.
  const own = (await describe(client)).options[what].map(({ name }) => name)
  const entries = Object.entries(options).filter(([, value]) => value !== undefined)
  const checked = await ask(Object.fromEntries(entries.filter(([key]) => own.includes(key))))
  const known = Object.entries(checked ?? {}).filter(([key]) => accepted.includes(key))
  return Object.fromEntries([...known, ...entries.filter(([key]) => !own.includes(key))])
}

/** The options of calls that differ from those that the engine checks. */
const KEYS: ReadonlyMap<Checked, readonly string[]> = new Map([
  ['fit', FIT_KEYS],
  ['recommend', RECOMMEND_KEYS],
  ['evaluate', EVALUATE_KEYS],
  ['resample', INTERVAL_KEYS],
  ['read', READ_KEYS],
  ['features', FEATURES_KEYS],
  ['synthetic', SYNTHETIC_KEYS],
])
