import { badArgument, checkCallback, checkKeys, checkSignal, isRecord, keysOf, optionsText } from '../arguments.ts'
import { Dataset, type Parts, type SplitOptions } from '../data/dataset.ts'
import type { DatasetInfo } from '../data/info.ts'
import { type Client, checkSameEngine, resourceOf } from '../engine/handle.ts'
import { type ErrorData, TastespaceError } from '../errors.ts'
import { describe, isOneStep, type KindDescription, type Task } from '../models/describe.ts'
import { checkCounts, type EpochReport } from '../models/fit.ts'
import type { Kind } from '../models/generated/names.ts'
import { createModelByName } from '../models/kinds.ts'
import type { Model } from '../models/model.ts'
import type { CompareOptions, CompareRun, Comparison, ComparisonTable, Contestant } from './comparison.ts'
import { tableOf } from './comparison-table.ts'
import type { Entry, Run } from './entry.ts'
import { type EvaluateOptions, isError, type PerUserMetrics } from './metrics.ts'

const TASKS: readonly Task[] = ['ranking', 'rating']

const CANCELLED: ErrorData = { code: 'cancelled', message: 'not trained: interrupted', details: {} }

/**
 * Trains models on one split and evaluates them by one protocol: one table for ranking items, with every model, and one for
 * predicting ratings, with intervals, tests against the best, time, memory and the model to use. A model that fails has its
 * error in its row, and the others go on. An abort keeps the models that are done.
 *
 * @example
 * const { tables } = await compare(data, { models: ['cml', 'ease', 'pop'], split: 'leave-one-out' })
 * for (const { model, metrics } of tables[0].models) console.log(model, metrics['ndcg@10'])
 * console.log(tables[0].choice.model, tables[0].choice.reason)
 *
 * @throws `config/…` for invalid options, `model/unsupported` for a model that does not have the task, before anything is
 * trained
 */
export async function compare(data: Dataset | Parts, options: CompareOptions = {}): Promise<Comparison> {
  checkArguments(data, options)
  if (!(data instanceof Dataset)) return compareOn(data, options)
  const parts: Parts = await data.split(await splitOf(data, options.split))
  try {
    return await compareOn(parts, options)
  } finally {
    for (const part of Object.values(parts)) part.dispose()
  }
}

const COMPARE_KEYS = keysOf<CompareOptions>({
  models: true,
  task: true,
  split: true,
  seeds: true,
  epochs: true,
  patience: true,
  validationUsers: true,
  metric: true,
  refit: true,
  k: true,
  negatives: true,
  level: true,
  resamples: true,
  permutations: true,
  signal: true,
  onStart: true,
  onEpoch: true,
  onModel: true,
})

function checkArguments(data: Dataset | Parts, options: CompareOptions): void {
  checkKeys('compare', options, COMPARE_KEYS)
  const { models, task, split, seeds, metric, refit, signal, onStart, onEpoch, onModel } = options
  if (!(data instanceof Dataset)) {
    const parts: Readonly<Record<string, unknown>> = isRecord(data) ? { ...data } : {}
    if (!(parts.train instanceof Dataset)) {
      throw badArgument('compare', 'data', data, 'a Dataset, or its parts as split returns them')
    }
    for (const [name, part] of Object.entries(parts)) {
      if (part === undefined) continue
      if (!(part instanceof Dataset)) throw badArgument('compare', name, part, 'a Dataset')
      checkSameEngine(parts.train, part)
    }
  }
  const contestants = (list: readonly unknown[]) => list.every((one) => typeof one === 'string' || isRecord(one))
  if (models !== undefined && !(Array.isArray(models) && contestants(models))) {
    throw badArgument('compare', 'models', models, 'an array of kinds or objects { kind, name, options }')
  }
  if (task !== undefined && task !== 'ranking' && task !== 'rating') {
    throw badArgument('compare', 'task', task, "'ranking' or 'rating'")
  }
  const isSeed = (seed: unknown) => typeof seed === 'number' && Number.isSafeInteger(seed) && seed >= 0
  if (seeds !== undefined && !(Array.isArray(seeds) && seeds.length > 0 && seeds.every(isSeed))) {
    throw badArgument('compare', 'seeds', seeds, 'an array of at least one integer from 0')
  }
  if (refit !== undefined && typeof refit !== 'boolean') throw badArgument('compare', 'refit', refit, 'true or false')
  if (metric !== undefined && typeof metric !== 'string') {
    throw badArgument('compare', 'metric', metric, 'the name of a metric, such as recall@50')
  }
  if (split !== undefined && typeof split !== 'string' && !isRecord(split)) {
    throw badArgument('compare', 'split', split, "a rule such as 'leave-one-out', or an object { by, … }")
  }
  checkSignal('compare', signal)
  for (const [name, callback] of Object.entries({ onStart, onEpoch, onModel })) checkCallback('compare', name, callback)
}

async function splitOf(data: Dataset, split: CompareOptions['split']): Promise<SplitOptions> {
  const usual = (await data.info()).times ? 'leave-one-out' : 'random'
  const asked: SplitOptions = typeof split === 'string' ? { by: split } : (split ?? { by: usual })
  // Options in the text of a rule override the other options.
  return { validation: true, ...asked }
}

async function compareOn(parts: Parts, options: CompareOptions): Promise<Comparison> {
  const { seeds = [0], refit = true, level = 0.95, resamples = 2000, permutations = 10_000, signal } = options
  const { train, validation, test } = parts
  if (!test) throw new TastespaceError('config/missing', 'there is no test part to compare on: test', { key: 'test' })
  const { client } = resourceOf(train)
  const info = await train.info()
  const rows = {
    train: info.rows,
    validation: (await validation?.info())?.rows ?? 0,
    test: (await test.info()).rows,
  }
  const entries = await entriesOf(parts, options, hasRatings(info))
  await checkMeasuring(client, entries, options)
  let run = 0
  for (const entry of entries) {
    for (const seed of seeds) {
      run++
      if (signal?.aborted || entry.error) continue
      const current = { model: entry.name, kind: entry.kind.kind, seed, run, runs: entries.length * seeds.length }
      try {
        entry.runs.push(await trained(client, entry, parts, test, current, options))
      } catch (error) {
        if (signal?.aborted) continue
        if (!(error instanceof TastespaceError)) throw error
        entry.error = error.toJSON()
      }
    }
    if (signal?.aborted && entry.runs.length === 0) entry.error ??= CANCELLED
  }
  // After a crash of the engine the results of the models before it are still there.
  const engine = client.alive ? client : undefined
  const tables: ComparisonTable[] = []
  // First the tasks that a model is trained for.
  const trainedFor = (task: Task) => entries.some(({ kind }) => kind.task === task)
  const tasks = [...TASKS].sort((a, b) => Number(trainedFor(b)) - Number(trainedFor(a)))
  for (const task of tasks) {
    const of = entries.filter(({ kind, runs }) => {
      const able = tasksOf(kind, options)
      // A model that failed has one row, in the table of the task that it is trained for.
      return able.includes(task) && (runs.length > 0 || task === kind.task || !able.includes(kind.task))
    })
    if (of.length === 0) continue
    tables.push(await tableOf(task, of, metricOf(options, task), { level, resamples, permutations, engine }))
  }
  return {
    rows,
    refit: refit && Boolean(validation),
    seeds,
    level,
    resamples,
    permutations,
    tables,
    aborted: signal?.aborted ?? false,
  }
}

/** Whether there are ratings that a model could predict: no counts, and not all equal. */
function hasRatings({ ratings }: DatasetInfo): boolean {
  return ratings !== null && !ratings.counts && ratings.range[0] < ratings.range[1]
}

/** The models to compare. Invalid options are refused here, before anything is trained. */
async function entriesOf({ train }: Parts, asked: CompareOptions, rated: boolean): Promise<Entry[]> {
  const { engine } = train
  const { models } = await describe(engine)
  const suited = models.filter((kind) => (kind.task === 'ranking' || rated) && tasksOf(kind, asked).length > 0)
  const contestants: readonly (Kind | Contestant)[] = asked.models ?? suited.map(({ kind }) => kind)
  const entries: Entry[] = []
  for (const contestant of contestants) {
    const {
      kind,
      options,
      name = kind,
    }: Contestant = typeof contestant === 'string' ? { kind: contestant } : contestant
    const model = await createModelByName(kind, options, { engine })
    const description = models.find((model) => model.kind === kind)
    if (entries.some((entry) => entry.name === name)) {
      throw new TastespaceError('config/conflict', `two models are called '${name}': give one of them another name`, {
        name,
      })
    }
    if (description) entries.push({ name, kind: description, options: (await model.info()).options, runs: [] })
    model.dispose()
    if (description && tasksOf(description, asked).length === 0) throw unsupported(kind)
  }
  return entries
}

/** The tasks that a kind is compared on. Every kind ranks items; rating models predict ratings too. */
function tasksOf({ task: own }: KindDescription, { task }: CompareOptions): Task[] {
  const able: Task[] = own === 'rating' ? ['rating', 'ranking'] : ['ranking']
  return able.filter((each) => task === undefined || each === task)
}

function unsupported(kind: string): TastespaceError {
  const message = `${kind} does not predict ratings, it ranks items: leave it out, or compare on the task ranking`
  return new TastespaceError('model/unsupported', message, { kind, task: 'rating' })
}

/** Refuses invalid options of training, evaluation and resampling, before anything is trained. */
async function checkMeasuring(client: Client, entries: readonly Entry[], options: CompareOptions): Promise<void> {
  const { seeds = [0], epochs, patience, validationUsers, k, negatives, level, resamples, permutations } = options
  const check = (what: 'fit' | 'evaluate' | 'resample', checked: object, kind?: string) =>
    client.call('check', what, kind, optionsText('compare', checked))
  checkCounts('compare', { epochs, patience })
  for (const { kind } of entries) {
    for (const seed of seeds)
      await check('fit', { seed, validationUsers, metric: metricOf(options, kind.task) }, kind.kind)
    for (const task of tasksOf(kind, options)) {
      const metrics = kind.task === task ? undefined : [metricOf(options, task)]
      await check('evaluate', { task, k, negatives, metrics }, kind.kind)
    }
  }
  await check('resample', { level, resamples })
  optionsText('compare', { permutations })
  await check('resample', { resamples: permutations }).catch((error: unknown) => {
    throw error instanceof TastespaceError ? ofPermutations(error) : error
  })
}

/** The engine knows permutations as resamples. */
function ofPermutations({ code, message, details }: TastespaceError): TastespaceError {
  const text = message.replace("resample option 'resamples'", "compare option 'permutations'")
  return new TastespaceError(code, text, { ...details, key: 'permutations' })
}

/** The metric that chooses epochs and orders the models. A metric of the other task is left to that. */
function metricOf({ metric }: CompareOptions, task: Task): string {
  if (metric !== undefined && isError(metric) === (task === 'rating')) return metric
  return task === 'rating' ? 'rmse' : 'ndcg@10'
}

async function trained(
  engine: Client,
  { kind, options: hyperparameters }: Entry,
  parts: Parts,
  test: Dataset,
  run: CompareRun,
  options: CompareOptions,
): Promise<Run> {
  const {
    epochs = kind.epochs,
    patience,
    validationUsers,
    refit = true,
    k,
    negatives,
    signal,
    onStart,
    onEpoch,
    onModel,
  } = options
  const { validation, validationGiven, testGiven, trainAndValidation } = parts
  const metric = metricOf(options, kind.task)
  const { usedBytes } = await engine.usage()
  const model = await createModelByName(kind.kind, hyperparameters, { engine })
  try {
    await onStart?.(run, model)
    const again = validation && refit ? trainAndValidation : undefined
    const fitOptions = { seed: run.seed, signal, onEpoch: (report: EpochReport) => onEpoch?.(run, report) }
    const fit = isOneStep(kind)
      ? // There are no epochs to choose on the validation rows.
        await model.fit(again ?? parts.train, { ...fitOptions, epochs: 1 })
      : await model.fit(parts.train, {
          ...fitOptions,
          metric,
          epochs,
          validation,
          validationGiven,
          validationUsers: validation && validationUsers,
          patience,
          refitOn: again,
        })
    // One that was cut short cannot be compared with the others.
    if (fit.stopped === 'aborted') signal?.throwIfAborted()
    // The validation rows are input of a sequential model, whether it was trained on them or not.
    const since = kind.sequential && !fit.refit && validation !== undefined
    const measured: Partial<Record<Task, PerUserMetrics>> = {}
    for (const task of tasksOf(kind, options)) {
      measured[task] = await measure(model, test, {
        task,
        given: testGiven ?? (since ? validation : undefined),
        exclude: validation,
        k,
        negatives,
        metric: metricOf(options, task),
        signal,
      })
    }
    const { peakBytes } = await engine.usage()
    const own = measured[kind.task] ?? measured.ranking
    if (own) await onModel?.(run, model, own)
    return { seed: run.seed, fit, measured, since, memoryBytes: Math.max(peakBytes - usedBytes, 0) }
  } finally {
    model.dispose()
  }
}

/** Every metric at the usual list lengths, and the metric that chose the epochs where it is not among them. */
async function measure(
  model: Model,
  test: Dataset,
  { metric, ...options }: EvaluateOptions & { metric: string },
): Promise<PerUserMetrics> {
  const measured = await model.evaluate(test, { ...options, perUser: true })
  if (metric in measured.values) return measured
  const one = await model.evaluate(test, { ...options, negatives: undefined, metrics: [metric], perUser: true })
  return {
    ...measured,
    values: { ...measured.values, ...one.values },
    perUser: { ...measured.perUser, values: { ...measured.perUser.values, ...one.perUser.values } },
  }
}
