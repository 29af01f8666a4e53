import { badArgument, checkCallback, checkKeys, checkPath, checkSignal, isRecord, keysOf } from '../arguments.ts'
import { Dataset, type Parts, type SplitOptions } from '../data/dataset.ts'
import { isSeeded } from '../data/split.ts'
import { ask, type Client, checkSameEngine, resourceOf } from '../engine/handle.ts'
import { TastespaceError } from '../errors.ts'
import type { CompareOptions } from '../evaluation/comparison.ts'
import { moreIsBetter } from '../evaluation/metrics.ts'
import { describe, type SearchRange } from '../models/describe.ts'
import type { EpochReport } from '../models/fit.ts'
import type { Kind } from '../models/generated/names.ts'
import { createModelByName } from '../models/kinds.ts'
import { checkInteger, STUDY_KEYS, type StudyOptions, studyOf } from './create.ts'
import { type Importance, importanceOf } from './importance.ts'
import { type LogHeader, StudyLog } from './log.ts'
import { search } from './search.ts'
import type { TuneRange } from './space.ts'
import type { Study } from './study.ts'
import type { Trial, TrialJob, TrialOutcome } from './trial.ts'

/** How `tune` searches. */
export interface TuneOptions extends StudyOptions {
  /**
   * How rows are held out of a data set: a rule such as `leave-one-out`, with its options. A test part is never used.
   * Default: the part that `fit` validates on, a tenth of the rows, or the last row of each user for sequential kinds.
   */
  readonly split?: CompareOptions['split']
  /** A file for the results, a line each. If it exists, the search goes on from it. */
  readonly log?: string | URL | undefined
  /**
   * Whether several processes work on this log at the same time, each by the same call. They take different jobs, and all
   * come to the same result. Default false.
   */
  readonly shared?: boolean | undefined
  /**
   * Number of engines that train at the same time, 1 to 64; they share the threads of the engine of the data. It changes
   * nothing but time and memory. Default: one for each thread, if half of the free memory has room for that many trials, and
   * one in a page.
   */
  readonly engines?: number | undefined
  /** Stops the search. The trials so far are kept; before the first, `tune` rejects with the reason. */
  readonly signal?: AbortSignal | undefined
  /** Called after every epoch, and awaited. */
  readonly onEpoch?: ((job: TrialJob, report: EpochReport) => void | Promise<void>) | undefined
  /** Called after every job with its result, and awaited. */
  readonly onTrial?: ((job: TrialJob, outcome: TrialOutcome, study: Study) => void | Promise<void>) | undefined
}

/** The result of a search. */
export interface TuneReport {
  readonly kind: Kind
  readonly metric: string
  /** Whether larger values of the metric are better. */
  readonly moreIsBetter: boolean
  /** The best trial. */
  readonly best: Trial
  /** The default values of the options that are varied. */
  readonly defaults: Readonly<Record<string, unknown>>
  /** The options that are varied, with their ranges. `when` has the choices of other options that one has an effect with. */
  readonly space: Readonly<Record<string, TuneRange & { readonly when?: SearchRange['when'] }>>
  /** All options of the best trial that differ from the defaults: those of `create`. */
  readonly options: Readonly<Record<string, unknown>>
  /** Every trial, the best first. Their values come from unequal numbers of epochs. */
  readonly trials: readonly Trial[]
  /** How much the value depends on each option, most first. */
  readonly importance: readonly Importance[]
  /** Whether the signal ended it. */
  readonly aborted: boolean
  readonly seconds: number
}

/** More share no threads. */
const MOST_ENGINES = 64

const TUNE_KEYS = keysOf<Omit<TuneOptions, keyof StudyOptions>>({
  split: true,
  log: true,
  shared: true,
  engines: true,
  signal: true,
  onEpoch: true,
  onTrial: true,
}).concat(STUDY_KEYS)

/**
 * Searches for better options of a kind of model on a validation part. All trials train a few epochs; the best third of them
 * trains three times as many, and so on: successive halving (Jamieson and Talwalkar, AISTATS 2016) over points of the R
 * sequence. The defaults are trial 0 and are trained to the end, so the best is never worse on validation.
 *
 * The same data, options and seed give the same best trial, also when a search is stopped and goes on from its `log`. The value
 * of the best trial is the best of many and too good: measure the model on a test part.
 *
 * @example
 * const { train, test } = await data.split({ by: 'random', test: 0.1 })
 * const { best, options } = await tune(train, { kind: 'cml', trials: 30, log: 'study.jsonl' })
 * const model = await createModel('cml', options)
 * await model.fit(train)
 *
 * @throws `config/…` for invalid options, `study/other-log` and `study/no-log` for a log that does not fit, and what `fit`
 * rejects with where the defaults cannot be trained
 */
export async function tune(data: Dataset | Parts, options: TuneOptions): Promise<TuneReport> {
  checkArguments(data, options)
  const started = performance.now()
  const { client } = resourceOf(data instanceof Dataset ? data : data.train)
  const study = await studyOf('tune', client, options)
  const held = await heldOut(client, data, options)
  try {
    const log = options.log === undefined ? undefined : new StudyLog(options.log, options.shared ?? false)
    await log?.open(await headerOf(client, study, held.parts), study)
    const { engines, signal, onEpoch, onTrial } = options
    const aborted = await search(study, client, held.parts, { engines, signal, log, onEpoch, onTrial })
    return { ...reportOf(options.kind, study), aborted, seconds: (performance.now() - started) / 1000 }
  } finally {
    held.dispose()
  }
}

function checkArguments(data: Dataset | Parts, options: TuneOptions): void {
  checkKeys('tune', options, TUNE_KEYS)
  const { split, log, shared, engines, signal, onEpoch, onTrial } = options
  if (!(data instanceof Dataset)) {
    const parts: Readonly<Record<string, unknown>> = isRecord(data) ? { ...data } : {}
    for (const name of ['train', 'validation']) {
      if (parts[name] instanceof Dataset) continue
      throw badArgument('tune', 'data', data, 'a Dataset, or its parts with train and validation as split returns them')
    }
    if (data.validation) checkSameEngine(data.train, data.validation)
  }
  if (split !== undefined && !(data instanceof Dataset)) {
    throw badArgument('tune', 'split', split, 'no split, since the data is given in parts')
  }
  if (split !== undefined && typeof split !== 'string' && !isRecord(split)) {
    throw badArgument('tune', 'split', split, "a rule such as 'leave-one-out', or an object { by, … }")
  }
  if (log !== undefined) checkPath('tune', log, 'log')
  if (shared !== undefined && typeof shared !== 'boolean') {
    throw badArgument('tune', 'shared', shared, 'true or false')
  }
  if (shared && log === undefined)
    throw badArgument('tune', 'shared', shared, "false, or a 'log' that the processes share")
  checkInteger('tune', 'engines', engines, 1, MOST_ENGINES)
  checkSignal('tune', signal)
  checkCallback('tune', 'onEpoch', onEpoch)
  checkCallback('tune', 'onTrial', onTrial)
}

/** Training and validation part, and a function that frees what was made for them. */
export async function heldOut(
  engine: Client,
  data: Dataset | Parts,
  { kind, options, split, seed = 0 }: Pick<TuneOptions, 'kind' | 'options' | 'split' | 'seed'>,
): Promise<{ parts: Parts; dispose: () => void }> {
  if (!(data instanceof Dataset)) return { parts: data, dispose: () => {} }
  const made = async (): Promise<Parts> => {
    if (split !== undefined) {
      const asked: SplitOptions = typeof split === 'string' ? { by: split } : split
      return data.split({ ...(isSeeded(asked.by) && { seed }), ...asked, validation: true })
    }
    const model = await createModelByName(kind, options, { engine })
    try {
      return { ...(await model.validationSplit(data, { seed })), trainAndValidation: data }
    } finally {
      model.dispose()
    }
  }
  const parts = await made()
  const own = Object.values(parts).filter((part) => part !== data)
  return {
    parts,
    dispose: () => {
      for (const part of own) part.dispose()
    },
  }
}

/** What the log of a study begins with. */
async function headerOf(engine: Client, { plan }: Study, { train, validation }: Parts): Promise<LogHeader> {
  const { kind, metric, space, set, epochs, reduction, seed } = plan
  const [{ rows, users, items }, held] = [await train.info(), await validation?.info()]
  const sha256 = await hashOf([train, validation])
  const data = { rows, users, items, validation: held?.rows ?? 0, sha256 }
  const { version } = await describe(engine)
  // As JSON has it, to be compared with what is read.
  return JSON.parse(
    JSON.stringify({
      tastespace: 'study',
      version,
      kind,
      metric,
      space: space.ranges,
      set,
      epochs,
      reduction,
      seed,
      data,
    }),
  )
}

/** The hash of the rows of data sets; undefined where there is no room for a copy of them. */
async function hashOf(parts: readonly (Dataset | undefined)[]): Promise<string | undefined> {
  const digests: Uint8Array[] = []
  try {
    for (const part of parts) {
      if (part) digests.push(await sha256(await ask(part, 'pack')))
    }
  } catch (error) {
    if (error instanceof TastespaceError && error.code === 'memory/too-large') return undefined
    throw error
  }
  const all = new Uint8Array(digests.flatMap((digest) => [...digest]))
  return Array.from(await sha256(all), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  // Bytes from an engine are a copy, which is not shared.
  return new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>))
}

/** The result of a study. */
export function reportOf(kind: Kind, study: Study): Omit<TuneReport, 'aborted' | 'seconds'> {
  const { trials, plan } = study
  const [best] = trials
  if (!best || best.value === undefined) {
    const { error } = best ?? {}
    throw new TastespaceError(
      error?.code ?? 'study/no-trial',
      `tune: no trial could be trained; the first: ${error?.message ?? 'none'}`,
      error?.details ?? {},
    )
  }
  const { metric, set, space } = plan
  const options = { ...set, ...best.options }
  const defaults = Object.fromEntries(space.ranges.map(({ name }) => [name, space.fixed[name]]))
  const ranges = Object.fromEntries(space.ranges.map(({ name, ...range }) => [name, range]))
  return {
    kind,
    metric,
    moreIsBetter: moreIsBetter(metric),
    best,
    defaults,
    space: ranges,
    options,
    trials,
    importance: importanceOf(study),
  }
}
