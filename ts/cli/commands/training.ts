import {
  type AnyModel,
  createModelByName,
  describe,
  type Engine,
  type EpochReport,
  type FitReport,
  type KindDescription,
  type Model,
  type Parts,
  type SaveOptions,
  type SplitText,
} from '../../index.ts'
import type { MeasureFlags } from '../flags/common.ts'
import type { ReadFlags } from '../flags/reading.ts'
import { metricText } from '../terminal/metrics.ts'
import { count, counted, duration, rate } from '../terminal/numbers.ts'
import type { Progress } from '../terminal/progress.ts'
import type { EngineJob } from './run.ts'

/** Precisions of the parameters in a file. */
export const PRECISIONS = ['single', 'half'] as const

/** Flags of `train`. */
export interface TrainFlags extends ReadFlags, MeasureFlags {
  readonly model: string
  readonly out: string
  readonly report?: string
  readonly test?: string
  readonly split?: SplitText
  readonly epochs?: number
  readonly patience?: number
  readonly metric?: string
  readonly validationUsers?: number | 'all'
  readonly refit: boolean
  readonly history: boolean
  readonly users: boolean
  readonly precision?: (typeof PRECISIONS)[number]
  readonly weights?: number
  readonly seed: number
  readonly seeds?: number
  readonly set?: Readonly<Record<string, unknown>>
}

/** What to do where a threshold has left no ratings to a model that predicts them. */
export const NO_THRESHOLD = 'leave out --positive-threshold, which drops the ratings'

/** What the file of a model holds. */
export function saving({ history, users, precision, weights }: TrainFlags): SaveOptions {
  return { history, users, precision, weights }
}

/**
 * Whether a validation part is held out. A model that is computed in one step has no epochs to choose, and is validated only if
 * --metric or --no-refit asks for it.
 */
export function validates({ epochs, metric, refit }: TrainFlags, kind: KindDescription): boolean {
  if (epochs !== undefined) return false
  return !isOneStep(kind) || metric !== undefined || !refit
}

/** The description of a kind. */
export async function kindOf(engine: Engine, name: string): Promise<KindDescription> {
  const kind = (await describe(engine)).models.find(({ kind }) => kind === name)
  if (!kind) throw new Error(`${name} was checked before`)
  return kind
}

/** Whether a kind is computed in one step. */
export function isOneStep({ epochs }: KindDescription): boolean {
  return epochs === 1
}

/** An untrained model with the options of the flags. */
export function newModel({ engine, flags }: EngineJob<TrainFlags>): Promise<AnyModel> {
  const { model, set, seeds } = flags
  return createModelByName(model, { ...set, ...(seeds !== undefined && { seeds }) }, { engine })
}

/** Trains with a progress bar and a line of results for each phase. */
export async function watchedFit(
  { engine, flags, console }: EngineJob<TrainFlags>,
  model: Model,
  parts: Parts,
  signal: AbortSignal,
): Promise<FitReport> {
  const kind = await kindOf(engine, model.kind)
  const { epochs = kind.epochs, patience, seed } = flags
  const refitOn = flags.refit ? parts.trainAndValidation : undefined
  let phase = new Phase(model, epochs)
  let stop = console.progress('Training', () => phase.progress())

  const onEpoch = (report: EpochReport) => {
    phase.last = report
    if (!parts.validation || report.phase === 'refit' || signal.aborted) return
    if (!report.last) return
    stop()
    console.note(validated(report, epochs))
    const choosing = report.choice && !isLastChoice(kind, report.choice)
    if (!choosing && (!refitOn || report.bestEpoch === 0)) return
    phase = new Phase(model, choosing ? epochs : report.bestEpoch)
    stop = console.progress(choosing ? 'Training' : 'Training again', () => phase.progress())
  }

  try {
    const fit = await model.fit(parts.train, {
      seed,
      signal,
      onEpoch,
      epochs: flags.epochs,
      validation: parts.validation,
      validationGiven: parts.validationGiven,
      // Without a validation part and a number of epochs, fit holds out its own.
      patience: parts.validation || flags.epochs === undefined ? patience : undefined,
      metric: parts.validation && flags.metric,
      validationUsers: parts.validation && flags.validationUsers,
      refitOn,
    })
    stop()
    if (fit.stopped !== 'aborted') console.note(trained(fit, isOneStep(kind), await trainedRows(model)))
    return fit
  } finally {
    stop()
  }
}

async function trainedRows(model: Model): Promise<number> {
  const info = await model.info()
  return info.fitted ? info.training.rows : 0
}

/** The epochs of one phase, as its bar shows them. */
class Phase {
  /** The last completed epoch. */
  last: EpochReport | undefined
  readonly #started = performance.now()

  constructor(
    private readonly model: Model,
    private readonly epochs: number,
  ) {}

  progress(): Progress {
    const done = (this.last?.epoch ?? 0) + this.model.progress / 1000
    const epochs = this.last?.epochs ?? this.epochs
    const fraction = Math.min(done / epochs, 1)
    const epoch = `epoch ${Math.min(Math.floor(done) + 1, epochs)}/${epochs}`
    if (!this.last) return { fraction, facts: [epoch] }
    const { validation, metric, bestEpoch, loss, rows, seconds } = this.last
    const elapsed = (performance.now() - this.#started) / 1000
    const left = duration(elapsed / fraction - elapsed)
    const facts = [
      epoch,
      ...(validation ? [metricText(validation, metric), `best ${bestEpoch}`] : []),
      // Validation may end training earlier.
      validation ? `≤ ${left} left` : `${left} left`,
      `loss ${loss.toPrecision(4)}`,
      `${rate(rows / seconds)} rows/s`,
    ]
    return { fraction, facts }
  }
}

/** Whether no other value of the option that validation chooses is left. */
function isLastChoice({ chosen }: KindDescription, choice: Readonly<Record<string, number>>): boolean {
  return chosen?.values.at(-1) === choice[chosen?.option ?? '']
}

/** ` with penalty=1` */
function withChoice(choice: Readonly<Record<string, number>> | undefined): string {
  const [[option, value] = []] = Object.entries(choice ?? {})
  return option === undefined ? '' : ` with ${option}=${value}`
}

function validated(
  { epoch, bestEpoch, validation, validationUsers, metric, choice }: EpochReport,
  epochs: number,
): string {
  const sample = validationUsers ? ` on ${count(validationUsers.users)} of ${counted(validationUsers.of, 'user')}` : ''
  const figure = validation ? `: ${metricText(validation, metric)}` : ''
  const best = bestEpoch === 0 ? 'than the start' : `since epoch ${bestEpoch}`
  const rest = bestEpoch === epoch ? '' : `, none better ${best}`
  return `Validated ${epoch} of at most ${counted(epochs, 'epoch')}${withChoice(choice)}${sample}${figure}${rest}`
}

function trained({ epochs, seconds, chosen }: FitReport, oneStep: boolean, rows: number): string {
  const how = oneStep ? 'in one step' : counted(epochs, 'epoch')
  return `Trained ${how} on ${counted(rows, 'row')}${withChoice(chosen)}, ${duration(seconds)} in all`
}

/** What is kept after an interruption. */
export function interrupted({ history, epochs }: FitReport): string {
  const { phase, epoch } = history.at(-1) ?? { phase: 'fit', epoch: 0 }
  if (phase === 'refit') return `interrupted while training again, at epoch ${count(epoch)}: kept the validated model`
  return `stopped at epoch ${count(epoch)}; kept epoch ${count(epochs)}`
}
