import { optionsText } from '../arguments.ts'
import type { Dataset, Parts } from '../data/dataset.ts'
import type { Handle } from '../engine/calls.ts'
import { ask, type EngineObject, Resource, replaceResource, resourceOf } from '../engine/handle.ts'
import { TastespaceError } from '../errors.ts'
import { metricsOf, moreIsBetter } from '../evaluation/metrics.ts'
import type { ModelInfo } from './answers.ts'
import { describeKind, isOneStep } from './describe.ts'
import type { ContinueOptions, EpochReport, FitOptions, FitReport } from './fit.ts'
import { forgetNames } from './names.ts'

/** What training needs of a model. */
interface Trainee extends EngineObject {
  readonly kind: string
}

/** The models in training, with what aborts it. */
const training = new WeakMap<EngineObject, AbortController>()

/** Trains a model from scratch, with early stopping and a second training on all rows where they are asked for. */
export function fit(model: Trainee, train: Dataset, options: FitOptions): Promise<FitReport> {
  return exclusively(model, options.signal, async (signal) => {
    const { epochs, validation, metric } = options
    const asked = { ...options, signal }
    if (epochs !== undefined || validation) return fitAndRefit(model, train, asked)
    // One step has no epochs to choose: without a metric to report, a validation part would only double the work.
    const once = metric === undefined && isOneStep(await describeKind(model.engine, model.kind))
    return once ? run('fit', model, resourceOf(model), train, asked) : fitHeldOut(model, train, asked)
  })
}

/** Trains a model, and again on the rows of `refitOn` for the epochs that validation chose. */
async function fitAndRefit(model: Trainee, train: Dataset, options: FitOptions): Promise<FitReport> {
  const first = await fitChosen(model, train, options)
  const whole = options.refitOn
  return whole && first.stopped !== 'aborted' ? refit(model, whole, first, options) : first
}

/** Trains a model with each value of the option that validation chooses, if there is one, and keeps the best. */
async function fitChosen(model: Trainee, train: Dataset, options: FitOptions): Promise<FitReport> {
  const { chosen } = await describeKind(model.engine, model.kind)
  const own = chosen && options.validation && options.epochs === undefined ? await optionsOf(model) : undefined
  if (!chosen || own?.[chosen.option] !== null) return run('fit', model, resourceOf(model), train, options)
  let best: FitReport | undefined
  let seconds = 0
  for (const value of chosen.values) {
    const choice = { [chosen.option]: value }
    const keeps = (report: FitReport) => !best || isBetter(report, best)
    const onEpoch = (epoch: EpochReport) => options.onEpoch?.({ ...epoch, choice })
    const report = await fitNew('fit', model, { ...own, ...choice }, train, { ...options, onEpoch }, keeps)
    seconds += report?.seconds ?? 0
    if (report && keeps(report)) best = { ...report, chosen: choice }
    if (report && report.stopped !== 'aborted') continue
    if (!best) throw options.signal?.reason
    return { ...best, seconds, stopped: 'aborted' }
  }
  return { ...(best as FitReport), seconds }
}

/** Whether a model is better on validation than another. */
function isBetter(report: FitReport, other: FitReport): boolean {
  const metric = report.history[0]?.metric ?? ''
  const measured = ({ validation }: FitReport) => validation?.values[metric] ?? Number.NaN
  return moreIsBetter(metric) ? measured(report) > measured(other) : measured(report) < measured(other)
}

async function optionsOf(model: Trainee): Promise<ModelInfo['options']> {
  const info: ModelInfo = JSON.parse(await ask(model, 'info'))
  return info.options
}

/**
 * Trains a new model with options of its own, which takes the place of the old one if `keeps` accepts it. Resolves with undefined if it was
 * aborted before its first epoch was done.
 */
async function fitNew(
  phase: EpochReport['phase'],
  model: Trainee,
  own: ModelInfo['options'],
  train: Dataset,
  options: FitOptions,
  keeps: (report: FitReport) => boolean,
): Promise<FitReport | undefined> {
  const { client } = resourceOf(model)
  const resource = new Resource(client, await client.call('createModel', model.kind, optionsText('fit', own)))
  let report: FitReport | undefined
  try {
    report = await run(phase, model, resource, train, options)
  } catch (error) {
    if (!options.signal?.aborted) throw error
  } finally {
    if (report && keeps(report) && !isDisposed(options.signal)) replaceResource(model, resource)
    else resource.free()
    forgetNames(model)
  }
  return report
}

/** Trains with a validation part of the rows, and then on all of them. */
async function fitHeldOut(model: Trainee, train: Dataset, options: FitOptions): Promise<FitReport> {
  let held: Pick<Parts, 'train' | 'validation'> | undefined
  try {
    held = await validationSplit(model, train, options.seed ?? 0)
    return await fitAndRefit(model, held.train, { ...options, validation: held.validation, refitOn: train })
  } catch (error) {
    if (!isTooSmall(error)) throw error
    // A model that is computed in one step needs no validation part to choose a number of epochs.
    if (!isOneStep(await describeKind(model.engine, model.kind))) throw withEpochs(error)
    return await run('fit', model, resourceOf(model), train, options)
  } finally {
    held?.train.dispose()
    held?.validation?.dispose()
  }
}

/** Codes of errors of data that is too small for a validation part, or whose validation rows cannot be evaluated. */
const TOO_SMALL = /^(split\/too-few-rows|dataset\/no-known-(users|items)|dataset\/no-positives)$/

/** Whether an error is that data is too small to be validated on. */
export function isTooSmall(error: unknown): error is TastespaceError {
  return error instanceof TastespaceError && TOO_SMALL.test(error.code) && error.details.purpose !== 'training'
}

function withEpochs({ code, message, details }: TastespaceError): TastespaceError {
  return new TastespaceError(code, `${message}; with epochs, fit trains on all rows without validation`, details)
}

/** Continues training from the trained parameters. */
export function continueFit(model: Trainee, train: Dataset, options: ContinueOptions): Promise<FitReport> {
  if (options.epochs === undefined && options.validation === undefined) {
    const message = 'continueFit needs epochs, or validation to stop by'
    return Promise.reject(new TastespaceError('config/missing', message, { key: 'epochs' }))
  }
  return exclusively(model, options.signal, (signal) =>
    run('continue', model, resourceOf(model), train, { ...options, signal }),
  )
}

/** Aborts the training of a model that is disposed of. */
export function abortTraining(model: EngineObject): void {
  training.get(model)?.abort(disposed(model))
}

function disposed(model: EngineObject): TastespaceError {
  return new TastespaceError('disposed', `this ${model.constructor.name} was disposed of during training`)
}

function isDisposed(signal: AbortSignal | undefined): boolean {
  return signal?.reason instanceof TastespaceError && signal.reason.code === 'disposed'
}

/**
 * Holds out rows for validation: a tenth of them, or for a sequential kind the last row of each user, since a model that
 * learns what comes next must not see what came later.
 */
export async function validationSplit(
  model: Trainee,
  train: Dataset,
  seed: number,
): Promise<Required<Pick<Parts, 'train' | 'validation'>>> {
  const { sequential } = await describeKind(model.engine, model.kind)
  if (sequential) {
    const { options }: ModelInfo = JSON.parse(await ask(model, 'info'))
    const order = options.order === 'rows' ? 'rows' : 'time'
    const { train: rest, test } = await train.split({ by: 'leave-one-out', order })
    return { train: rest, validation: test }
  }
  const parts = await train.split({ by: 'random', test: 0, validation: true, seed })
  parts.trainAndValidation.dispose()
  return { train: parts.train, validation: parts.validation }
}

/** Runs the only training of a model, with a signal that its caller or its disposal aborts. */
async function exclusively(
  model: EngineObject,
  signal: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<FitReport>,
): Promise<FitReport> {
  resourceOf(model)
  if (training.has(model)) {
    const message = `this ${model.constructor.name} is being trained: wait until that ends, or abort it`
    throw new TastespaceError('model/busy', message)
  }
  signal?.throwIfAborted()
  const controller = new AbortController()
  const abort = () => controller.abort(signal?.reason)
  signal?.addEventListener('abort', abort)
  training.set(model, controller)
  try {
    const report = await run(controller.signal)
    resourceOf(model)
    return report
  } catch (error) {
    if (controller.signal.aborted) throw controller.signal.reason
    throw error
  } finally {
    signal?.removeEventListener('abort', abort)
    training.delete(model)
  }
}

/** Trains a new model on all rows for the epochs that validation chose. If that is aborted, the first one stays. */
async function refit(model: Trainee, whole: Dataset, first: FitReport, options: FitOptions): Promise<FitReport> {
  const same = { ...options, validation: undefined, validationGiven: undefined, epochs: first.epochs }
  const keeps = ({ stopped }: FitReport) => stopped === 'epochs' && !options.signal?.aborted
  const second = await fitNew('refit', model, await optionsOf(model), whole, same, keeps)
  const history = [...first.history, ...(second?.history ?? [])]
  const seconds = first.seconds + (second?.seconds ?? 0)
  if (second?.stopped !== 'epochs') return { ...first, history, seconds, stopped: 'aborted' }
  return { ...first, history, seconds, refit: true }
}

/** Runs epochs until they are done, validation stops improving, or the signal is aborted. */
async function run(
  phase: EpochReport['phase'],
  model: Trainee,
  { client, handle }: Resource,
  train: Dataset,
  { seed = 0, validation, validationGiven, validationUsers, metric, signal, onEpoch, ...options }: FitOptions,
): Promise<FitReport> {
  const kind = await describeKind(model.engine, model.kind)
  const { epochs = kind.epochs, patience = kind.patience } = options
  let rowsBeforePatience = options.patience === undefined ? kind.patienceAfter : 0
  const started = performance.now()
  const history: EpochReport[] = []
  let lowest = { epoch: 0, error: Number.POSITIVE_INFINITY }
  let stopped: FitReport['stopped'] | undefined
  const [held, given] = [handleOf(validation), handleOf(validationGiven)]
  const sent = optionsText('fit', { seed, metric, validationUsers })
  try {
    await client.callWhile(signal, 'beginFit', handle, handleOf(train), held, given, phase === 'continue', sent)
    while (history.length < epochs && !stopped) {
      const begun = performance.now()
      // The model answers with its new users and items from its first epoch on.
      if (history.length === 0) forgetNames(model)
      const { validation: metrics, start, ...report } = JSON.parse(await client.callUntil(signal, 'trainEpoch', handle))
      const seconds = (performance.now() - begun) / 1000
      rowsBeforePatience -= report.rows
      const error: number = metrics?.[report.metric]
      if (error < lowest.error) lowest = { epoch: report.epoch, error }
      // A start that is still the best does not end training whose error still falls.
      const best = report.bestEpoch === 0 ? lowest.epoch : report.bestEpoch
      const outOfPatience = report.epoch - best >= patience && rowsBeforePatience <= 0
      const reason = validation && outOfPatience ? 'patience' : report.epoch === epochs ? 'epochs' : undefined
      const epoch: EpochReport = {
        phase,
        ...report,
        ...(metrics && { validation: metricsOf(metrics) }),
        ...(start && { start: metricsOf(start) }),
        epochs,
        last: reason !== undefined,
        seconds,
      }
      history.push(epoch)
      await onEpoch?.(epoch)
      // Its validation was aborted.
      stopped = validation && !metrics ? 'aborted' : reason
    }
    stopped ??= 'epochs'
  } catch (error) {
    if (!signal?.aborted || history.length === 0) throw error
    stopped = 'aborted'
  } finally {
    // Without a result the model is restored as it was before.
    forgetNames(model)
    const ended = client.alive && client.call('endFit', handle, stopped !== undefined)
    // Later calls on the model come after it.
    if (ended && stopped === undefined) ended.catch(() => {})
    else await ended
  }
  const epoch = history.at(-1)?.bestEpoch ?? 0
  const best = epoch === 0 ? history[0]?.start : history[epoch - 1]?.validation
  const sample = history[0]?.validationUsers
  return {
    epochs: epoch,
    ...(best && { validation: best }),
    ...(sample && { validationUsers: sample }),
    refit: false,
    stopped,
    seconds: (performance.now() - started) / 1000,
    history,
  }
}

function handleOf(data: Dataset): Handle
function handleOf(data: Dataset | undefined): Handle | undefined
function handleOf(data: Dataset | undefined): Handle | undefined {
  return data && resourceOf(data).handle
}
