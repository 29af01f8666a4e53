import { stat } from 'node:fs/promises'
import type { FitReport, Metrics, Model } from '../../index.ts'
import type { EngineFlags } from '../flags/common.ts'
import { type Plan, rankingProtocol } from '../flags/split.ts'
import { figuresOf, type Measured, metricsTable, tested } from '../terminal/metrics.ts'
import { bytes, counted, duration, milliseconds } from '../terminal/numbers.ts'
import { feedbackText } from './feedback.ts'
import { taskOf, warnOfTest } from './measured.ts'
import type { EngineJob } from './run.ts'
import { isOneStep, kindOf } from './training.ts'

interface ResultFlags extends EngineFlags {
  readonly out: string
  readonly seed: number
  readonly seeds?: number
}

/** The result of training. */
export interface Outcome {
  readonly plan: Plan
  readonly fit: FitReport
  readonly metrics: Metrics | undefined
  /** Number of rows given as the history of test users, where those are not in training. */
  readonly given: number | undefined
  /** Whether the validation rows were input of a sequential model that was not trained on them. */
  readonly since: boolean
  /** How ids of the test part differ from those of training. */
  readonly forms: readonly string[]
}

/** Reports the result of training, and how it was evaluated. */
export async function reportResult(
  job: EngineJob<ResultFlags>,
  model: Model,
  { plan, fit, metrics, given, since, forms }: Outcome,
): Promise<void> {
  const { engine, flags, console } = job
  const { size } = await stat(flags.out)
  const info = await model.info()
  const oneStep = isOneStep(await kindOf(engine, model.kind))
  const feedback = info.fitted ? info.feedback : null
  for (const line of feedbackText(feedback)) console.note(line)
  const task = metrics ? taskOf(metrics, info.task) : info.task
  if (metrics) warnOfTest(console, metrics, task, metrics.cold > 0 ? forms : [])
  const document = {
    model: model.kind,
    protocol: {
      split: plan.test ?? 'none',
      validation: plan.validation ?? 'none',
      ...rankingProtocol(task, plan),
      ...(given !== undefined && { givenRows: given }),
      ...(since && { input: 'train+validation' }),
      refit: fit.refit,
      seed: flags.seed,
      ...(flags.seeds !== undefined && { seeds: flags.seeds }),
    },
    metrics: figuresOf(metrics),
    validation: figuresOf(fit.validation),
    ...(fit.validationUsers && { validationUsers: fit.validationUsers }),
    cold: metrics?.cold ?? 0,
    ...(metrics?.repeated !== undefined && { repeated: metrics.repeated }),
    ...(feedback && { feedback }),
    epochs: fit.epochs,
    stopped: fit.stopped,
    seconds: milliseconds(fit.seconds),
    engine: { build: engine.build, threads: engine.threads },
    out: flags.out,
  }
  await console.result(document, () => {
    const { bold } = console.resultStyle
    const measured = (name: string, metrics: Metrics | undefined, note: string): Measured[] =>
      metrics ? [{ name, figures: figuresOf(metrics), note: `${tested(metrics)}${note}` }] : []
    const users = given === undefined ? '' : `; users that are not in training, with ${counted(given, 'row')} given`
    const parts = [
      ...measured('validation', fit.validation, fit.epochs === 0 ? '; of the biases' : ''),
      ...measured('test', metrics, users),
    ]
    const again = fit.refit ? ', then again on all training rows' : ''
    const training =
      fit.epochs === 0
        ? '0 epochs, since none beat the biases'
        : `${oneStep ? 'one step' : counted(fit.epochs, 'epoch')}${again}`
    const lines = [
      `${bold(model.kind)}  ${training}, ${duration(fit.seconds)} on ${counted(engine.threads, 'thread')}`,
      ...(parts.length > 0 ? [metricsTable(parts, console.resultStyle, fit.history[0]?.metric)] : []),
      `written to ${bold(flags.out)} (${bytes(size)})`,
    ]
    return lines.join('\n')
  })
}
