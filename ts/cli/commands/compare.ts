import { type Command, Option } from 'commander'
import {
  type AnyModel,
  type CompareOptions,
  type CompareRun,
  type Comparison,
  checkWritable,
  compare,
  createModelByName,
  describe,
  type Engine,
  type EpochReport,
  isKind,
  type Model,
  type Parts,
  type SplitText,
  TastespaceError,
  writeFile,
} from '../../index.ts'
import type { Recorder } from '../../report/collect/recorder.ts'
import { withCurves } from '../../report/write/curve.ts'
import {
  addEngineFlags,
  addListFlags,
  type MeasureFlags,
  metricOption,
  patienceOption,
  seedOption,
  taskOption,
  validationUsersOption,
} from '../flags/common.ts'
import {
  addReadFlags,
  addSideFlags,
  RATINGS_FILE,
  type ReadFlags,
  rangeOption,
  readRatings,
  testJob,
} from '../flags/reading.ts'
import { type Plan, planOf, type SplitSpec, splitSpec, splitText } from '../flags/split.ts'
import { queryOf } from '../flags/sql.ts'
import { list, setting, wholeNumber, wholeNumbers } from '../flags/values.ts'
import { comparisonText } from '../terminal/compare-table.ts'
import { misuse } from '../terminal/failure.ts'
import { abortable } from '../terminal/interrupt.ts'
import { metricText } from '../terminal/metrics.ts'
import { counted, metricValue, milliseconds } from '../terminal/numbers.ts'
import type { Progress } from '../terminal/progress.ts'
import { idForms, idsOf, nothingMeasured, taskOf, warnOfTest } from './measured.ts'
import { provenanceOf } from './report.ts'
import { computes, type EngineJob } from './run.ts'
import { isTooSmall } from './too-small.ts'

/** Flags of `compare`. */
interface CompareFlags extends ReadFlags, Omit<MeasureFlags, 'metrics'> {
  readonly models?: readonly string[]
  readonly split?: SplitText
  readonly test?: string
  readonly epochs?: number
  readonly patience?: number
  readonly validationUsers?: number | 'all'
  readonly metric?: string
  readonly refit: boolean
  readonly seed: number
  readonly seeds?: readonly number[]
  readonly resamples?: number
  readonly report?: string
  readonly set?: Readonly<Record<string, unknown>>
}

/** `compare`: several models on one split, in one table. `models` ends its help. */
export function addCompare(program: Command, models: () => string): void {
  const command = program
    .command('compare')
    .summary('train many models on one split and compare them')
    .description(
      'Train models on the same rows and evaluate them on the same held-out rows. The result is one table: metrics ' +
        'with bootstrap intervals, tests against the best model, training time and memory. Every model ranks items; ' +
        'rating models, which do so by the lower confidence bound of their predictions, have a second table of ' +
        'predicted ratings. The last lines name the model to use: the best by mean or, among the models that tie with it, ' +
        'the one that trains fastest.\n\n' +
        'The number of epochs is chosen on validation rows; then each model is trained again on all training rows. ' +
        'Models that are computed in one step are trained once, on all of them. A model that fails has its error in its row. Without --split the last row of each user is held out, or a tenth ' +
        'of all rows where the data has no times.\n\n' +
        'Ctrl-C keeps the models that are done; a second Ctrl-C ends the program.',
    )
    .argument('[data]', RATINGS_FILE)
    .addOption(
      new Option('--models <list>', 'kinds of models, such as cml,ease,pop (default: all that suit the data)') //
        .argParser(list),
    )
    .addOption(taskOption('compare on one task only: ranking items, or predicting ratings (default: both)'))
    .addOption(
      new Option('--split <spec>', 'how rows are held out, as for train: leave-one-out, random:0.1') //
        .argParser(splitText),
    )
    .option('--test <file>', 'evaluate on the ratings in this file')
    .addOption(new Option('--set <kind.key=value>', 'set an option of a kind; can be repeated').argParser(setting))
    .addOption(
      new Option('--epochs <n>', 'largest number of epochs (default: that of the kind)').argParser(wholeNumber(1)),
    )
    .addOption(patienceOption())
    .addOption(validationUsersOption())
    .addOption(metricOption())
    .option('--no-refit', 'evaluate the validated models: do not train again on all training rows')
    .addOption(rangeOption())
    .addOption(seedOption())
    .addOption(
      new Option('--seeds <list>', 'train each model with each of these seeds and report the means') //
        .argParser(wholeNumbers(0)),
    )
    .addOption(
      new Option('--resamples <n>', 'bootstrap resamples of an interval (default: 2000)').argParser(wholeNumber(100)),
    )
    .option('--report <file>', 'write a report with pictures: one HTML file')
  addEngineFlags(addSideFlags(addReadFlags(addListFlags(command)))).addHelpText('after', models)
  computes<CompareFlags>(command, [], run)
}

async function run(job: EngineJob<CompareFlags>, file?: string): Promise<void> {
  const { engine, flags, console } = job
  queryOf(flags, file)
  if (flags.test !== undefined && flags.split) throw misuse('--test and --split exclude each other: give one of them')
  // Errors in the command line are reported before hours of work.
  const contestants = await contestantsOf(job)
  const split = flags.split && (await splitSpec(engine, flags.split))
  if (split?.folds !== undefined) {
    throw misuse('compare evaluates on one part: choose a fold, such as --split "kfold:5;fold=0"')
  }
  if (flags.report !== undefined) await checkWritable(flags.report)

  const { data, info } = await readRatings(job, file)
  const test = flags.test === undefined ? undefined : (await readRatings(testJob(job), flags.test)).data
  const plan = planOf(
    split ?? (test ? undefined : await usualSplit(engine, info.times !== null)),
    test,
    true,
    flags.seed,
  )
  const forms = test ? idForms(await idsOf(data), await idsOf(test)) : []
  for (const line of forms) console.warn(line)
  const parts = await data.split(plan.options).catch((error: unknown) => {
    if (!isTooSmall(error)) throw error
    throw nothingMeasured(`${error.message}\n--test FILE compares on the ratings in a file`, error.details)
  })
  const { ratings } = info
  const equal = ratings !== null && ratings.range[0] === ratings.range[1]
  if (equal) {
    const all = `all ratings are ${ratings.range[0]}, so there is nothing to predict`
    if (flags.task === 'rating') {
      throw nothingMeasured(`${all}: compare how models rank items, without --task rating`, { ratings: ratings.range })
    }
    const compared = contestants
      ? 'the models are compared by how they rank items'
      : 'only models that rank items are compared'
    console.warn(`${all}: ${compared}`)
  }
  const models = contestants ?? (await suited(job, ratings !== null && !ratings.counts && !equal))
  const started = performance.now()
  await abortable(async (signal) => {
    // At once: the intervals take a while.
    signal.addEventListener('abort', () => {
      console.warn('interrupted: the models that are done are compared; a second Ctrl-C ends the program')
    })
    // Loaded only when needed: the layout of the map is large.
    const report = flags.report === undefined ? undefined : await import('../../report/write/report.ts')
    const recording = await report?.Recorder.of(parts, info, flags.seed)
    const comparison = await watched(job, equal ? 'ranking' : flags.task, models, parts, signal, recording)
    const seconds = (performance.now() - started) / 1000
    const document = documentOf(job, file ?? 'the query', plan, comparison, seconds)
    if (report && flags.report !== undefined) {
      const [provenance, { version }] = [await provenanceOf(flags, file), await describe(engine)]
      await writeFile(flags.report, await report.reportPage({ ...document, version, recording, provenance }))
      console.note(`Report written to ${flags.report}`)
    }
    await console.result(document, () => comparisonText(comparison, plan.test ?? 'none', console.resultStyle))
    await noteOfMean(job, comparison, parts)
    const results = comparison.tables.flatMap(({ models }) => models)
    if (comparison.aborted || results.some(({ metrics }) => Object.keys(metrics).length > 0)) return
    const trained = results.some(({ error }) => error === undefined)
    throw nothingMeasured(
      trained
        ? `none of the ${counted(comparison.rows.test, 'test row')} has a user and an item with training rows`
        : 'no model could be trained, for the reasons above',
      { rows: comparison.rows.test },
    )
  })
}

/** A note where no model predicts ratings better than their mean. An error of the mean does not fail `compare`. */
async function noteOfMean({ engine, console }: EngineJob<CompareFlags>, comparison: Comparison, parts: Parts) {
  const best = comparison.tables.find(({ task }) => task === 'rating')?.models[0]?.metrics.rmse
  if (best === undefined || comparison.aborted || !parts.test) return
  // With such a damping all biases are 0.
  const mean = await createModelByName('bias', { damping: 1e9 }, { engine })
  try {
    await mean.fit((comparison.refit && parts.trainAndValidation) || parts.train, { epochs: 1 })
    const { rmse } = (await mean.evaluate(parts.test, { metrics: ['rmse'] })).values
    if (rmse !== undefined && rmse <= best) {
      console.note(
        `No model predicts ratings better than the mean of the training ratings, with rmse ${metricValue(rmse)}`,
      )
    }
  } catch (error) {
    if (!(error instanceof TastespaceError)) throw error
  } finally {
    mean.dispose()
  }
}

function usualSplit(engine: Engine, timed: boolean): Promise<SplitSpec> {
  return splitSpec(engine, timed ? 'leave-one-out' : 'random:0.1')
}

/** The kinds of --models with their options; undefined without --models. */
async function contestantsOf({ engine, flags }: EngineJob<CompareFlags>): Promise<CompareOptions['models']> {
  const { models } = await describe(engine)
  const set = settingsOf(flags.set ?? {})
  for (const kind of set.keys()) {
    if (flags.models && !flags.models.includes(kind)) {
      throw misuse(
        `--set ${kind}.…: '${kind}' is not among the models; add it: --models ${flags.models.join(',')},${kind}`,
      )
    }
  }
  const kinds = flags.models ?? models.map(({ kind }) => kind)
  for (const kind of new Set([...kinds, ...set.keys()])) {
    // Refuses unknown kinds and invalid options.
    const model = await createModelByName(kind, set.get(kind) ?? {}, { engine })
    model.dispose()
  }
  return flags.models?.filter(isKind).map((kind) => ({ kind, options: set.get(kind) ?? {} }))
}

/** Every kind that suits the data, with its options of --set. */
async function suited({ engine, flags }: EngineJob<CompareFlags>, rated: boolean) {
  const { models } = await describe(engine)
  const set = settingsOf(flags.set ?? {})
  const kinds = models.filter(({ task }) => (task === 'ranking' ? flags.task !== 'rating' : rated))
  return kinds.map(({ kind }) => ({ kind, options: set.get(kind) ?? {} }))
}

/** `cml.factors=64` by kind. */
function settingsOf(set: Readonly<Record<string, unknown>>): Map<string, Record<string, unknown>> {
  const kinds = new Map<string, Record<string, unknown>>()
  for (const [name, value] of Object.entries(set)) {
    const [, kind, key] = /^([^.]+)\.(.+)$/.exec(name) ?? []
    if (!kind || !key) throw misuse(`--set ${name}=…: name the kind too, such as --set cml.${name}=…`)
    kinds.set(kind, { ...kinds.get(kind), [key]: value })
  }
  return kinds
}

/** Compares, shows progress, and keeps what a report needs. */
async function watched(
  { flags, console }: EngineJob<CompareFlags>,
  task: CompareOptions['task'],
  models: CompareOptions['models'],
  parts: Parts,
  signal: AbortSignal,
  recording: Recorder | undefined,
): Promise<Comparison> {
  const { metric, epochs, patience, validationUsers, refit, resamples, seed, seeds = [seed] } = flags
  let stop = () => {}
  const show = (run: CompareRun, model: AnyModel) => {
    let last: EpochReport | undefined
    stop = console.progress(`${run.model} (${run.run} of ${run.runs})`, () => progressOf(model, last))
    return (report: EpochReport) => {
      last = report
    }
  }
  let saw = (_: EpochReport) => {}
  try {
    const comparison = await compare(parts, {
      models,
      task,
      seeds,
      refit,
      signal,
      metric,
      k: flags.k,
      negatives: flags.negatives,
      epochs,
      patience,
      validationUsers,
      resamples,
      onStart: (run, model) => {
        stop()
        saw = show(run, model)
      },
      onEpoch: (_, report) => saw(report),
      onModel: async (run, model, metrics) => {
        stop()
        const name = run.runs > 1 && seeds.length > 1 ? `${run.model}, seed ${run.seed}` : run.model
        const names = Object.keys(metrics.values)
        const leading = names.find((name) => name === metric) ?? names.find((name) => /^(ndcg@10|rmse)$/.test(name))
        console.note(`${name}: ${leading ? metricText(metrics, leading) : 'nothing could be measured'}`)
        if (run.run === 1) warnOfTest(console, metrics, taskOf(metrics, (await model.info()).task), [])
        if (run.seed === seeds[0]) await recording?.add(run.model, model)
      },
    })
    stop()
    for (const { models } of comparison.tables) {
      for (const { model, error } of models) if (error) console.warn(`${model}: ${error.message}`)
    }
    return comparison
  } finally {
    stop()
  }
}

function progressOf(model: Model, last: EpochReport | undefined): Progress {
  if (!last) return { fraction: model.progress > 0 ? model.progress / 1000 : undefined, facts: [] }
  const { phase, epoch, epochs, validation, metric, bestEpoch } = last
  const again = phase === 'refit' ? 'again, ' : ''
  const facts = [
    `${again}epoch ${epoch}/${epochs}`,
    ...(validation ? [metricText(validation, metric), `best ${bestEpoch}`] : []),
  ]
  return { fraction: Math.min((epoch + model.progress / 1000) / epochs, 1), facts }
}

/** The comparison as JSON and as the report takes it. */
function documentOf(
  { engine, flags }: EngineJob<CompareFlags>,
  file: string,
  plan: Plan,
  { tables, rows, refit, seeds, level, resamples, permutations, aborted }: Comparison,
  seconds: number,
) {
  return {
    data: file,
    protocol: {
      split: plan.test ?? 'none',
      validation: plan.validation ?? 'none',
      ranking: 'full',
      excluded: 'train+validation',
      ...(flags.negatives !== undefined && { negatives: flags.negatives }),
      refit,
      seeds,
      intervals: { level, of: 'users', by: 'bootstrap percentiles', resamples },
      tests: { against: 'the best by each metric', by: 'paired permutations', permutations, correction: 'Holm' },
    },
    rows,
    tables: tables.map(withCurves),
    aborted,
    seconds: milliseconds(seconds),
    engine: { build: engine.build, threads: engine.threads },
  }
}
