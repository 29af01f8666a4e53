import { Dataset, type Parts } from '../data/dataset.ts'
import type { SplitOptions, SplitText } from '../data/split.ts'
import type { RemoteEngine } from '../engine/remote.ts'
import { type ErrorData, TastespaceError } from '../errors.ts'
import { describe, type KindDescription } from '../models/describe.ts'
import type { EpochReport, FitOptions, FitReport } from '../models/fit.ts'
import { createModel } from '../models/kinds.ts'
import type { Model } from '../models/model.ts'
import {
  confidenceIntervals,
  type EvaluateOptions,
  type Interval,
  type Metrics,
  type Paired,
  type PerUserMetrics,
  pairedTests,
  type ResamplingOptions,
} from './metrics.ts'

/** A kind to compare, with its options. */
export interface Contestant {
  readonly kind: string
  /** What it is called, where a kind comes more than once. Default: its kind. */
  readonly name?: string
  /** Its options. Default: the kind's. */
  readonly options?: object
}

/** How models are compared. */
export interface CompareOptions extends Pick<FitOptions, 'epochs' | 'patience' | 'metric' | 'signal'> {
  /** Kinds, by name or with options. Default: every kind, of those that predict ratings where the data has ratings. */
  readonly models?: readonly (string | Contestant)[]
  /**
   * What is held out, where the data is not cut yet. Default: each user's last row where there are times, else a tenth of
   * the rows. For validation as much is held out by the same rule, unless it says otherwise.
   */
  readonly split?: SplitOptions | SplitText
  /** Seeds that each model is trained with; the split stays. Figures are means over them. Default [0]. */
  readonly seeds?: readonly number[]
  /** Whether models are trained again on training and validation rows, for the epochs that validation chose. Default true. */
  readonly refit?: boolean
  /** Lengths of the lists that ranking metrics look at. Default [10, 50, 100]. */
  readonly k?: EvaluateOptions['k']
  /** Ranks each test item besides among so many random items. Default 0: does not. */
  readonly negatives?: number
  /** Part of the resampled figures that an interval holds, .01 to .9999. Default .95. */
  readonly level?: number
  /** Resamples of an interval, 100 to 2^24. Default 2000. */
  readonly resamples?: number
  /** Permutations of a test, 100 to 2^24. Default 10000. */
  readonly permutations?: number
  /** Called when a model is about to be trained: with one of its seeds, the `run`th of `runs` trainings. */
  readonly onStart?: (run: CompareRun, model: Model) => void | Promise<void>
  /** Called after every epoch, and waited for. */
  readonly onEpoch?: (run: CompareRun, report: EpochReport) => void | Promise<void>
  /** Called with each model once it is measured, and waited for; then the model is disposed of. */
  readonly onModel?: (run: CompareRun, model: Model, metrics: Metrics) => void | Promise<void>
}

/** One training of a comparison. */
export interface CompareRun {
  readonly model: string
  readonly kind: string
  readonly seed: number
  /** From 1. */
  readonly run: number
  readonly runs: number
}

/** What sets a model apart from the best one of its table by a metric. */
export interface Significance extends Paired {
  /** `p` times what Holm's correction asks for, since every other model is tested against the best by this metric. */
  readonly corrected: number
}

/** A model of a comparison. */
export interface Compared {
  readonly model: string
  readonly kind: string
  /** Why there is nothing more of it: what it was refused with, or `cancelled`. */
  readonly error?: ErrorData
  readonly options: Readonly<Record<string, unknown>>
  /** Told of a sequential kind that was not trained on the validation rows: at the test it goes by them, as what came last. */
  readonly input?: 'train+validation'
  /** Seeds that it was trained with; those of what follows. */
  readonly seeds: readonly number[]
  /** Means over the seeds, by name. */
  readonly metrics: Readonly<Record<string, number>>
  /** Bootstrap intervals over users, of the metrics that users have. */
  readonly intervals: Readonly<Record<string, Interval>>
  /** Against the best model by each metric; absent of the best. */
  readonly significance: Readonly<Record<string, Significance>>
  /** What the chosen epochs came to on validation rows, for the first seed. */
  readonly validation?: Metrics
  /** Epochs of each seed's model. */
  readonly epochs: readonly number[]
  /** Training, all of it, for one seed: the mean. */
  readonly seconds: number
  /** The most memory that training and measuring took beside the data, in bytes. */
  readonly memoryBytes: number
  /** Every epoch of the first seed's training. */
  readonly history: readonly EpochReport[]
}

/** Models that are measured alike, the best first. */
export interface ComparisonTable {
  readonly task: KindDescription['task']
  /** The metric that sorts them, and that chose their epochs. */
  readonly metric: string
  /** Whether more of each metric is better. */
  readonly moreIsBetter: Readonly<Record<string, boolean>>
  /** The best model by each metric. */
  readonly best: Readonly<Record<string, string>>
  /** Test rows that were counted, their users, and rows of users or items without training rows. */
  readonly rows: number
  readonly users: number
  readonly cold: number
  readonly models: readonly Compared[]
}

/** Models × metrics on one split. */
export interface Comparison {
  readonly rows: { readonly train: number; readonly validation: number; readonly test: number }
  readonly refit: boolean
  readonly seeds: readonly number[]
  readonly level: number
  readonly resamples: number
  readonly permutations: number
  readonly tables: readonly ComparisonTable[]
  /** Whether it was cut short. */
  readonly aborted: boolean
}

/** The metrics of which less is better. */
const LESS = /^(rmse|mae|gini@\d+)$/

/** What training and measuring a model with a seed came to. */
interface Run {
  readonly seed: number
  readonly fit: FitReport
  readonly measured: PerUserMetrics
  /** Whether it went by the validation rows without having been trained on them. */
  readonly since: boolean
  readonly memoryBytes: number
}

/** A contestant, and how far it came. */
interface Entry {
  readonly name: string
  readonly kind: KindDescription
  readonly options: Readonly<Record<string, unknown>>
  readonly runs: Run[]
  error?: ErrorData
}

/**
 * Trains models on one split and measures them alike: one table for those that rank and one for those that predict ratings,
 * with intervals, tests against the best, time and memory. What a model is refused with stands in its row, and the others
 * go on; an abort keeps the models that are done.
 */
export async function compare(data: Dataset | Parts, options: CompareOptions = {}): Promise<Comparison> {
  const own = data instanceof Dataset
  const parts = own ? await data.split(await splitOf(data, options.split)) : data
  try {
    return await compareOn(parts, options)
  } finally {
    if (own) for (const part of Object.values(parts)) part.dispose()
  }
}

async function splitOf(data: Dataset, split: CompareOptions['split']): Promise<SplitOptions> {
  if (split === undefined) {
    const by = (await data.info()).times ? 'leave-one-out' : 'random'
    return { by, validation: true }
  }
  const asked: SplitOptions = typeof split === 'string' ? { by: split } : split
  return 'validation' in asked || /;\s*validation\b/.test(asked.by) ? asked : { ...asked, validation: true }
}

async function compareOn(parts: Parts, options: CompareOptions): Promise<Comparison> {
  const { seeds = [0], refit = true, level = 0.95, resamples = 2000, permutations = 10_000, signal } = options
  const { train, validation, test } = parts
  if (!test) throw new TastespaceError('config/missing', 'nothing is held out to compare on: test', { key: 'test' })
  if (seeds.length === 0) throw new TastespaceError('config/missing', 'there is no seed: seeds', { key: 'seeds' })
  const info = await train.info()
  const rows = {
    train: info.rows,
    validation: (await validation?.info())?.rows ?? 0,
    test: (await test.info()).rows,
  }
  const drawn = { level, resamples, permutations }
  const entries = await entriesOf(parts, options, info.ratings !== null)
  await rehearse(entries, options, drawn, train.engine)
  let run = 0
  for (const entry of entries) {
    for (const seed of seeds) {
      run++
      if (signal?.aborted || entry.error) continue
      const told = { model: entry.name, kind: entry.kind.kind, seed, run, runs: entries.length * seeds.length }
      try {
        entry.runs.push(await trained(entry, parts, test, told, options))
      } catch (error) {
        if (signal?.aborted) continue
        entry.error = errorOf(error)
      }
    }
    if (signal?.aborted && entry.runs.length === 0) entry.error ??= CANCELLED
  }
  // An engine that crashed takes its models with it, and not what was measured of those before.
  const engine = train.engine.alive ? train.engine : undefined
  const tables: ComparisonTable[] = []
  for (const task of ['ranking', 'rating'] as const) {
    const of = entries.filter(({ kind }) => kind.task === task)
    if (of.length > 0) tables.push(await tableOf(task, of, metricOf(options, task), drawn, engine))
  }
  return { rows, refit: refit && Boolean(validation), seeds, ...drawn, tables, aborted: signal?.aborted ?? false }
}

const CANCELLED: ErrorData = { code: 'cancelled', message: 'not trained: interrupted', details: {} }

function errorOf(error: unknown): ErrorData {
  if (error instanceof TastespaceError) return error.toJSON()
  throw error
}

/** Draws, as many as are asked for. */
interface Drawn {
  readonly level: number
  readonly resamples: number
  readonly permutations: number
}

/** Asks of two rows what will be asked of all, so that options that make no sense are refused before anything is trained. */
async function rehearse(
  entries: readonly Entry[],
  options: CompareOptions,
  { level, resamples, permutations }: Drawn,
  engine: RemoteEngine,
): Promise<void> {
  const { seeds = [0], patience, k, negatives } = options
  const columns = { user: [0, 0], item: [0, 1], rating: [0, 1], time: [0, 1] }
  const data = await Dataset.fromColumns(columns, { engine })
  for (const task of ['ranking', 'rating'] as const) {
    const entry = entries.find(({ kind }) => kind.task === task)
    if (!entry) continue
    const model = await createModel(entry.kind.kind, {}, { engine })
    try {
      const fit = { epochs: 1, validation: data, metric: metricOf(options, task), ...(patience && { patience }) }
      for (const seed of seeds) await model.fit(data, { ...fit, seed })
      const beside = { ...(k && { k }), ...(negatives !== undefined && { negatives }) }
      const measured = await model.evaluate(data, { ...beside, perUser: true })
      await confidenceIntervals(measured, { level, resamples, engine })
      await pairedTests(measured, measured, { resamples: permutations, engine })
    } catch (error) {
      // Whatever else goes wrong is for want of rows.
      if (!(error instanceof TastespaceError) || error.code.startsWith('config/')) throw error
    } finally {
      model.dispose()
    }
  }
  data.dispose()
}

/** Who takes part; options that make no sense are refused here, before anything is trained. */
async function entriesOf({ train }: Parts, { models: asked }: CompareOptions, rated: boolean): Promise<Entry[]> {
  const { models } = await describe(train.engine)
  const contestants: readonly (string | Contestant)[] =
    asked ?? models.filter(({ task }) => task === 'ranking' || rated).map(({ kind }) => kind)
  const entries: Entry[] = []
  for (const contestant of contestants) {
    const {
      kind,
      name = kind,
      options = {},
    }: Contestant = typeof contestant === 'string' ? { kind: contestant } : contestant
    const model = await createModel(kind, options, { engine: train.engine })
    const description = models.find((model) => model.kind === kind)
    if (!description) throw new TastespaceError('config/unknown-kind', `the engine has no kind '${kind}'`)
    if (entries.some((entry) => entry.name === name)) {
      const message = `two models are called '${name}': give one of them a name of its own`
      throw new TastespaceError('config/conflict', message, { name })
    }
    entries.push({ name, kind: description, options: (await model.info()).options, runs: [] })
    model.dispose()
  }
  return entries
}

/** The metric that chooses epochs and sorts; what a task does not have is for the other. */
function metricOf({ metric }: CompareOptions, task: KindDescription['task']): string {
  const isError = metric === 'rmse' || metric === 'mae'
  if (metric !== undefined && isError === (task === 'rating')) return metric
  return task === 'rating' ? 'rmse' : 'ndcg@10'
}

async function trained(
  { kind, options: hyperparameters }: Entry,
  parts: Parts,
  test: Dataset,
  run: CompareRun,
  options: CompareOptions,
): Promise<Run> {
  const { engine } = parts.train
  const { epochs, patience, refit = true, k, negatives, signal, onStart, onEpoch, onModel } = options
  const { validation, validationGiven, testGiven, trainAndValidation } = parts
  const metric = metricOf(options, kind.task)
  const { usedBytes }: { usedBytes: number } = JSON.parse(await engine.call('usage'))
  const model = await createModel(kind.kind, hyperparameters, { engine })
  try {
    await onStart?.(run, model)
    const fit = await model.fit(parts.train, {
      seed: run.seed,
      metric,
      // What takes one step takes no more.
      epochs: kind.epochs === 1 ? 1 : (epochs ?? kind.epochs),
      ...(validation && { validation }),
      ...(validationGiven && { validationGiven }),
      ...(patience !== undefined && { patience }),
      ...(validation && refit && trainAndValidation && { refitOn: trainAndValidation }),
      ...(signal && { signal }),
      onEpoch: (report) => onEpoch?.(run, report),
    })
    // One that was cut short is no match for the others.
    if (fit.stopped === 'aborted') signal?.throwIfAborted()
    // What goes by what came last goes by the validation rows too, whether it was trained on them or not.
    const since = kind.sequential && !fit.refit && validation !== undefined
    const given = testGiven ?? (since ? validation : undefined)
    const measured = await measure(model, test, {
      ...(given && { given }),
      ...(validation && { exclude: validation }),
      ...(k && { k }),
      ...(negatives !== undefined && { negatives }),
      metric,
    })
    const { peakBytes }: { peakBytes: number } = JSON.parse(await engine.call('usage'))
    await onModel?.(run, model, measured.metrics)
    return { seed: run.seed, fit, measured, since, memoryBytes: Math.max(peakBytes - usedBytes, 0) }
  } finally {
    if (engine.alive) model.dispose()
  }
}

/** Everything at the usual lengths of lists, and the metric that chose the epochs where that is none of it. */
async function measure(
  model: Model,
  test: Dataset,
  { metric, ...options }: EvaluateOptions & { metric: string },
): Promise<PerUserMetrics> {
  const measured = await model.evaluate(test, { ...options, perUser: true })
  if (metric in measured.metrics) return measured
  const { negatives: _, ...others } = options
  const one = await model.evaluate(test, { ...others, metrics: [metric], perUser: true })
  return {
    ...measured,
    metrics: { ...measured.metrics, ...one.metrics },
    values: { ...measured.values, ...one.values },
  }
}

async function tableOf(
  task: KindDescription['task'],
  entries: readonly Entry[],
  metric: string,
  { level, resamples, permutations }: Drawn,
  engine: RemoteEngine | undefined,
): Promise<ComparisonTable> {
  const on = engine && { engine }
  const done = entries.filter(({ runs }) => runs.length > 0)
  const intervals = new Map<Entry, Record<string, Interval>>()
  for (const entry of done) {
    const runs = entry.runs.map(({ measured }) => measured)
    intervals.set(entry, await confidenceIntervals(runs, { level, resamples, ...on }))
  }
  const figures = new Map(done.map((entry) => [entry, meansOf(entry, intervals.get(entry) ?? {})]))
  const names = Object.keys([...figures.values()][0] ?? {})
  const best: Record<string, Entry> = {}
  for (const name of names) {
    const sign = LESS.test(name) ? -1 : 1
    const figure = (entry: Entry) => sign * (figures.get(entry)?.[name] ?? Number.NEGATIVE_INFINITY)
    const [first] = [...done].sort((a, b) => figure(b) - figure(a))
    if (first) best[name] = first
  }
  const significance = await testsAgainst(best, done, { resamples: permutations, ...on })
  const rank = (entry: Entry) => (LESS.test(metric) ? 1 : -1) * (figures.get(entry)?.[metric] ?? Number.NaN)
  const sorted = [...done].sort((a, b) => rank(a) - rank(b))
  const failed = entries.filter(({ runs }) => runs.length === 0)
  const first = done[0]?.runs[0]?.measured
  return {
    task,
    metric,
    moreIsBetter: Object.fromEntries(names.map((name) => [name, !LESS.test(name)])),
    best: Object.fromEntries(Object.entries(best).map(([name, entry]) => [name, entry.name])),
    rows: first?.metrics.rows ?? 0,
    users: first?.users.length ?? 0,
    cold: first?.metrics.cold ?? 0,
    models: [...sorted, ...failed].map((entry) =>
      compared(entry, figures.get(entry) ?? {}, intervals.get(entry) ?? {}, significance.get(entry) ?? {}),
    ),
  }
}

/** The figures of a model: those that intervals are about and, of what users do not have, the means of the runs. */
function meansOf({ runs }: Entry, intervals: Readonly<Record<string, Interval>>): Record<string, number> {
  const { rows: _, cold: __, ...names } = runs[0]?.measured.metrics ?? { rows: 0, cold: 0 }
  return Object.fromEntries(
    Object.keys(names).map((name) => [
      name,
      intervals[name]?.estimate ?? mean(runs.map(({ measured }) => measured.metrics[name] ?? Number.NaN)),
    ]),
  )
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Tests of every model against the best by each metric, corrected by Holm's rule for there being several. */
async function testsAgainst(
  best: Readonly<Record<string, Entry>>,
  entries: readonly Entry[],
  options: ResamplingOptions,
): Promise<Map<Entry, Record<string, Significance>>> {
  const paired = new Map<Entry, Map<Entry, Record<string, Paired>>>()
  for (const leader of new Set(Object.values(best))) {
    const against = new Map<Entry, Record<string, Paired>>()
    for (const entry of entries) {
      if (entry === leader) continue
      // Seeds that only one of them has are no pair.
      const seeds = entry.runs.map(({ seed }) => seed).filter((seed) => leader.runs.some((run) => run.seed === seed))
      const runs = ({ runs }: Entry) => runs.filter(({ seed }) => seeds.includes(seed)).map(({ measured }) => measured)
      if (seeds.length === 0) continue
      against.set(entry, await pairedTests(runs(entry), runs(leader), options))
    }
    paired.set(leader, against)
  }
  const significance = new Map(entries.map((entry) => [entry, {} as Record<string, Significance>]))
  for (const [name, leader] of Object.entries(best)) {
    const tests = [...(paired.get(leader) ?? [])].flatMap(([entry, tests]) => {
      const test = tests[name]
      return test ? [{ entry, ...test }] : []
    })
    // Holm: the smallest p times the number of tests, the next times one less, and none below one before it.
    let floor = 0
    tests
      .sort((a, b) => a.p - b.p)
      .forEach(({ entry, difference, p }, place) => {
        floor = Math.min(Math.max(floor, p * (tests.length - place)), 1)
        const of = significance.get(entry)
        if (of) of[name] = { difference, p, corrected: floor }
      })
  }
  return significance
}

function compared(
  { name, kind, options, runs, error }: Entry,
  metrics: Readonly<Record<string, number>>,
  intervals: Readonly<Record<string, Interval>>,
  significance: Readonly<Record<string, Significance>>,
): Compared {
  const validation = runs[0]?.fit.validation
  return {
    model: name,
    kind: kind.kind,
    ...(error && { error }),
    options,
    ...(runs.some(({ since }) => since) && { input: 'train+validation' }),
    seeds: runs.map(({ seed }) => seed),
    metrics,
    intervals,
    significance,
    ...(validation && { validation }),
    epochs: runs.map(({ fit }) => fit.epochs),
    seconds: runs.length > 0 ? mean(runs.map(({ fit }) => fit.seconds)) : 0,
    memoryBytes: Math.max(0, ...runs.map(({ memoryBytes }) => memoryBytes)),
    history: runs[0]?.fit.history ?? [],
  }
}
