import {
  type AnyModel,
  createModelByName,
  type EvaluateOptions,
  type FitReport,
  type Metrics,
  type Parts,
  type PerUserMetrics,
  TastespaceError,
} from '../../index.ts'
import { metricValue } from '../terminal/numbers.ts'
import { moreIsBetter, taskOf } from './measured.ts'
import type { EngineJob } from './run.ts'
import { isOneStep, kindOf } from './training.ts'

/** The baseline of each task. */
const BASELINES = {
  ranking: { kind: 'pop', words: 'the same popular items for every user' },
  rating: { kind: 'bias', words: 'the mean with the biases of user and item' },
} as const

/** A trained model with its metrics on the test part. */
interface Measured {
  readonly model: AnyModel
  readonly fit: FitReport
  readonly metrics: Metrics
}

/** A baseline. */
export interface Baseline extends Measured {
  /** A few words on its predictions. */
  readonly words: string
  /** The metrics of each user too, for a report. */
  readonly perUser?: PerUserMetrics
}

/**
 * The baseline of the task that a model was measured on, trained and measured on the same rows. Undefined for a baseline itself, and
 * with a note after an error, such as of too little memory: the model is there.
 */
export async function baselineOf(
  { engine, console }: EngineJob<unknown>,
  { model, fit, metrics }: Measured,
  parts: Parts,
  options: EvaluateOptions,
  forReport: boolean,
): Promise<Baseline | undefined> {
  const { kind, words } = BASELINES[taskOf(metrics, (await model.info()).task)]
  if (kind === model.kind || !parts.test) return undefined
  const baseline = await createModelByName(kind, {}, { engine })
  const whole = fit.refit || isOneStep(await kindOf(engine, model.kind))
  try {
    const trained = await baseline.fit((whole && parts.trainAndValidation) || parts.train, { epochs: 1 })
    const found = { model: baseline, words, fit: trained }
    if (!forReport) return { ...found, metrics: await baseline.evaluate(parts.test, options) }
    const perUser = await baseline.evaluate(parts.test, { ...options, perUser: true })
    return { ...found, metrics: perUser, perUser }
  } catch (error) {
    baseline.dispose()
    if (!(error instanceof TastespaceError)) throw error
    console.note(`The baseline ${kind} could not be measured: ${error.message}`)
    return undefined
  }
}

/** A note if the baseline is better than the model; undefined otherwise. */
export function baselineNote({ model, fit, metrics }: Measured, baseline: Baseline): string | undefined {
  const metric = [fit.history[0]?.metric ?? '', 'ndcg@10', 'rmse'].find((name) => name in metrics.values) ?? ''
  const [own, theirs] = [metrics.values[metric], baseline.metrics.values[metric]]
  if (own === undefined || theirs === undefined) return undefined
  if (moreIsBetter(metric) ? theirs <= own : theirs >= own) return undefined
  return (
    `${baseline.model.kind}, ${baseline.words}, is better here: ${metric} ${metricValue(theirs)}, and ${metricValue(own)} with ${model.kind}. ` +
    'tastespace compare tries all models on these rows'
  )
}
