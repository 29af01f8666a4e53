import { optionsText } from '../arguments.ts'
import type { Dataset, Parts } from '../data/dataset.ts'
import type { Handle } from '../engine/calls.ts'
import { ask, type EngineObject, Resource, replaceResource, resourceOf } from '../engine/handle.ts'
import { TastespaceError } from '../errors.ts'
import { metricsOf } from '../evaluation/metrics.ts'
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
  const first = await run('fit', model, resourceOf(model), train, options)
  const whole = options.refitOn
  return whole && first.stopped !== 'aborted' ? refit(model, whole, first, options) : first
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
  const { client } = resourceOf(model)
  const info: ModelInfo = JSON.parse(await ask(model, 'info'))
  const handle = await client.call('createModel', model.kind, optionsText('fit', info.options))
  const resource = new Resource(client, handle)
  let second: FitReport | undefined
  try {
    const same = { ...options, validation: undefined, validationGiven: undefined, epochs: first.epochs }
    second = await run('refit', model, resource, whole, same)
  } catch (error) {
    if (!options.signal?.aborted) throw error
  } finally {
    if (second?.stopped === 'epochs' && training.get(model)?.signal.aborted !== true) replaceResource(model, resource)
    else resource.free()
    forgetNames(model)
  }
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
