import { stat } from 'node:fs/promises'
import type { Dataset, FitReport, Metrics, Model, Parts } from '../../index.ts'
import { measuring } from '../flags/common.ts'
import { planOf, rankingProtocol, type SplitSpec } from '../flags/split.ts'
import { ifInterrupted } from '../terminal/interrupt.ts'
import { figuresOf, inLine, meanOf, metricsTable, tested } from '../terminal/metrics.ts'
import { bytes, counted, duration, milliseconds } from '../terminal/numbers.ts'
import { taskOf } from './measured.ts'
import type { EngineJob } from './run.ts'
import { interrupted, kindOf, newModel, type TrainFlags, validates, watchedFit } from './training.ts'

/** The result of training on all rows but those of a fold. */
interface Fold {
  /** With automatic values replaced by those for its data. */
  readonly options: Readonly<Record<string, unknown>>
  readonly metrics: Metrics
  readonly validation: Metrics | undefined
  readonly epochs: number
  readonly stopped: string
  readonly seconds: number
}

/**
 * Trains once for each fold, without its rows, and evaluates on them; then trains a model on all rows, for the mean number
 * of epochs of the folds, and saves it.
 */
export async function trainFolds(
  job: EngineJob<TrainFlags>,
  data: Dataset,
  spec: SplitSpec,
  folds: number,
  signal: AbortSignal,
): Promise<void> {
  const { flags, console } = job
  const results: Fold[] = []
  for (let fold = 0; fold < folds; fold++) {
    console.note(`Fold ${fold + 1} of ${folds}`)
    const result = await trainFold(job, data, spec, fold, signal)
    results.push(result)
    console.note(`  ${inLine(figuresOf(result.metrics))}  on ${tested(result.metrics)}`)
  }

  const epochs = Math.round(results.reduce((sum, fold) => sum + fold.epochs, 0) / folds)
  console.note(
    epochs > 0
      ? `Training on all rows for ${counted(epochs, 'epoch')}, the mean of the folds`
      : 'No epoch was better than the start in most folds: training on all rows, with a tenth of them for validation first',
  )
  const set = results[0]?.options
  const last = { ...job, flags: { ...flags, ...(set && { set }), ...(epochs > 0 && { epochs }) } }
  const model = await newModel(last)
  const fit = await watchedFit(last, model, { train: data }, signal)
  if (fit.stopped === 'aborted') console.warn(interrupted(fit))
  await model.save(flags.out, { history: flags.history, users: flags.users })
  ifInterrupted(undefined)
  await reportFolds(job, spec, results, model, fit)
}

async function trainFold(
  job: EngineJob<TrainFlags>,
  data: Dataset,
  spec: SplitSpec,
  fold: number,
  signal: AbortSignal,
): Promise<Fold> {
  const { flags } = job
  const plan = planOf(spec, undefined, validates(flags, await kindOf(job.engine, flags.model)), flags.seed, fold)
  const parts: Parts = await data.split(plan.options)
  const model = await newModel(job)
  try {
    const { epochs, validation, stopped, seconds } = await watchedFit(job, model, parts, signal)
    // A fold that was cut short gives no result, and its model is not kept.
    signal.throwIfAborted()
    if (!parts.test) throw new Error('a fold has rows')
    const metrics = await model.evaluate(parts.test, { exclude: parts.validation, ...measuring(flags), signal })
    const { options } = await model.info()
    return { options, metrics, validation, epochs, stopped, seconds }
  } finally {
    model.dispose()
    for (const part of Object.values(parts)) part.dispose()
  }
}

async function reportFolds(
  job: EngineJob<TrainFlags>,
  spec: SplitSpec,
  results: readonly Fold[],
  model: Model,
  { epochs, seconds: last, history }: FitReport,
): Promise<void> {
  const { engine, flags, console } = job
  const { size } = await stat(flags.out)
  const total = (of: (fold: Fold) => number) => results.reduce((sum, fold) => sum + of(fold), 0)
  const { mean, spread } = meanOf(results.map(({ metrics }) => figuresOf(metrics)))
  const validated = results.flatMap(({ validation }) => (validation ? [figuresOf(validation)] : []))
  const cold = total(({ metrics }) => metrics.cold)
  const seconds = total((fold) => fold.seconds) + last
  const plan = planOf(spec, undefined, validates(flags, await kindOf(job.engine, flags.model)), flags.seed, 0)
  const document = {
    model: flags.model,
    protocol: {
      split: spec.text,
      validation: plan.validation ?? 'none',
      ...rankingProtocol(taskOf({ rows: 0, cold: 0, values: mean }, (await model.info()).task), plan),
      refit: plan.validation !== undefined && flags.refit,
      // The model in the file is trained on all rows, whatever the folds were.
      kept: 'all rows',
      seed: flags.seed,
      ...(flags.seeds !== undefined && { seeds: flags.seeds }),
    },
    metrics: mean,
    spread,
    validation: validated.length > 0 ? meanOf(validated).mean : {},
    folds: results.map(({ options: _, metrics, validation, ...fold }) => ({
      metrics: figuresOf(metrics),
      validation: figuresOf(validation),
      rows: metrics.rows,
      cold: metrics.cold,
      ...fold,
      seconds: milliseconds(fold.seconds),
    })),
    cold,
    epochs,
    seconds: milliseconds(seconds),
    engine: { build: engine.build, threads: engine.threads },
    out: flags.out,
  }
  await console.result(document, () => {
    const { bold } = console.resultStyle
    const folds = results.map(({ metrics, epochs }, fold) => ({
      name: `fold ${fold + 1}`,
      figures: figuresOf(metrics),
      note: `${tested(metrics)}; ${counted(epochs, 'epoch')}`,
    }))
    return [
      `${bold(flags.model)}  ${results.length} folds, ${duration(seconds)} on ${counted(engine.threads, 'thread')}`,
      metricsTable(
        [
          ...folds,
          { name: 'mean', figures: mean },
          { name: '±', figures: spread, note: 'standard deviation of a fold' },
        ],
        console.resultStyle,
        history[0]?.metric,
      ),
      `trained on all rows for ${counted(epochs, 'epoch')}, written to ${bold(flags.out)} (${bytes(size)})`,
    ].join('\n')
  })
}
