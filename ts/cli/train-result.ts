import { stat } from 'node:fs/promises'
import type { FitReport, Metrics, Model } from '../index.ts'
import { bytes, counted, duration, milliseconds } from './figures.ts'
import type { EngineFlags } from './flags.ts'
import type { EngineJob } from './job.ts'
import type { Plan } from './split-spec.ts'
import { table } from './table.ts'

interface ResultFlags extends EngineFlags {
  readonly out: string
  readonly seed: number
}

/** What training came to. */
export interface Outcome {
  readonly plan: Plan
  readonly fit: FitReport
  readonly metrics: Metrics | undefined
}

/** Tells what training came to, and how it was measured. */
export async function tellOf(
  job: EngineJob<ResultFlags>,
  model: Model,
  { plan, fit, metrics }: Outcome,
): Promise<void> {
  const { engine, flags, console } = job
  const { size } = await stat(flags.out)
  const errors = (of: Metrics | undefined) => (of ? { rmse: of.rmse, mae: of.mae } : {})
  const document = {
    model: model.kind,
    protocol: {
      split: plan.test ?? 'none',
      validation: plan.validation ?? 'none',
      refit: fit.refit,
      seed: flags.seed,
    },
    metrics: errors(metrics),
    validation: errors(fit.validation),
    cold: metrics?.cold ?? 0,
    epochs: fit.epochs,
    stopped: fit.stopped,
    seconds: milliseconds(fit.seconds),
    engine: { build: engine.build, threads: engine.threads },
    out: flags.out,
  }
  console.result(document, () => {
    const { bold, dim } = console.resultStyle
    const row = (name: string, { rmse, mae }: Metrics, note: string) => [
      name,
      `RMSE ${bold(rmse.toFixed(4))}`,
      `MAE ${mae.toFixed(4)}`,
      dim(note),
    ]
    const rows = [
      ...(fit.validation ? [row('validation', fit.validation, counted(fit.validation.rows, 'rating'))] : []),
      ...(metrics ? [row('test', metrics, tested(metrics))] : []),
    ]
    const training = `${counted(fit.epochs, 'epoch')}${fit.refit ? ', then again on all training rows' : ''}`
    const lines = [
      `${bold(model.kind)}  ${training}, ${duration(fit.seconds)} on ${counted(engine.threads, 'thread')}`,
      ...(rows.length > 0 ? [table(rows, ['left', 'left', 'left', 'left'])] : []),
      `written to ${bold(flags.out)} (${bytes(size)})`,
    ]
    return lines.join('\n')
  })
}

/** What a test counted. */
export function tested({ rows, cold }: Metrics): string {
  return `${counted(rows, 'rating')}${cold > 0 ? `, ${cold} of them with a user or item without training rows` : ''}`
}
