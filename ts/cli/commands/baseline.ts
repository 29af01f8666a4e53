import {
  type AnyModel,
  createModelByName,
  type EvaluateOptions,
  type FitReport,
  type Metrics,
  type Parts,
  TastespaceError,
} from '../../index.ts'
import { taskOf } from './measured.ts'
import type { EngineJob } from './run.ts'
import { isOneStep, kindOf } from './training.ts'

/** The baseline of each task. */
const BASELINES = {
  ranking: { kind: 'pop', words: 'the same popular items for every user' },
  rating: { kind: 'bias', words: 'the mean with the biases of user and item' },
} as const

/** A baseline with its training. */
interface Baseline {
  readonly model: AnyModel
  /** What it does. */
  readonly words: string
  readonly fit: FitReport
}

/** The baseline of the task that a model was measured on, trained on the same rows; undefined for a baseline. */
export async function baselineOf(
  { engine }: EngineJob<unknown>,
  model: AnyModel,
  metrics: Metrics,
  parts: Parts,
  fit: FitReport,
): Promise<Baseline | undefined> {
  const { kind, words } = BASELINES[taskOf(metrics, (await model.info()).task)]
  if (kind === model.kind) return undefined
  const baseline = await createModelByName(kind, {}, { engine })
  const whole = fit.refit || isOneStep(await kindOf(engine, model.kind))
  const trained = await baseline.fit((whole && parts.trainAndValidation) || parts.train, { epochs: 1 })
  return { model: baseline, words, fit: trained }
}

/** Says so where a model is worse than the baseline on the test part. An error of the baseline, such as of too little memory, is none of `train`. */
export async function noteOfBaseline(
  job: EngineJob<unknown>,
  model: AnyModel,
  metrics: Metrics,
  parts: Parts & { readonly test: NonNullable<Parts['test']> },
  fit: FitReport,
  options: EvaluateOptions,
): Promise<void> {
  const metric = [fit.history[0]?.metric ?? '', 'ndcg@10', 'rmse'].find((name) => name in metrics.values) ?? ''
  const own = metrics.values[metric]
  if (own === undefined) return
  let baseline: Baseline | undefined
  try {
    baseline = await baselineOf(job, model, metrics, parts, fit)
    if (!baseline) return
    const measured = await baseline.model.evaluate(parts.test, { ...options, metrics: [metric] })
    const theirs = measured.values[metric]
    if (theirs === undefined || (metric === 'rmse' || metric === 'mae' ? theirs >= own : theirs <= own)) return
    job.console.note(
      `${baseline.model.kind}, ${baseline.words}, is better here: ${metric} ${theirs.toFixed(4)}, and ${own.toFixed(4)} with ${model.kind}. ` +
        'tastespace compare tries all models on these rows',
    )
  } catch (error) {
    if (!(error instanceof TastespaceError)) throw error
  } finally {
    baseline?.model.dispose()
  }
}
